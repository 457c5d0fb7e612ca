/* pieces.h: elements of two vectors in turn, in each piece of 128 bits by itself, which is what processors do
 * fastest: the lower ones and the upper ones of each piece; of PAIRS two elements at a time. */
#ifndef JIT_PATTERNS_PIECES_H
#define JIT_PATTERNS_PIECES_H

#define LOW_SINGLES8(a, b)  __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH_SINGLES8(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_PAIRS8(a, b)    __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_PAIRS8(a, b)   __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define LOW_SINGLES16(a, b)                                                                                  \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH_SINGLES16(a, b)                                                                                 \
    __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define LOW_PAIRS16(a, b)                                                                                    \
    __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH_PAIRS16(a, b)                                                                                   \
    __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define LOW_DOUBLES4(a, b)  __builtin_shufflevector(a, b, 0, 4, 2, 6)
#define HIGH_DOUBLES4(a, b) __builtin_shufflevector(a, b, 1, 5, 3, 7)
#define LOW_DOUBLES8(a, b)  __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define HIGH_DOUBLES8(a, b) __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15)

/* Two vectors of half the size, one behind the other. */
#define JOIN2(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3)
#define JOIN4(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7)
#define JOIN8(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

#endif
