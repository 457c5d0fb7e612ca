/* boot_test.h: what the files of the boot tests share. */
#ifndef TESTS_BOOT_BOOT_TEST_H
#define TESTS_BOOT_BOOT_TEST_H

#include <stdbool.h>

#define CHECK(ok) check((ok), #ok, __LINE__)
void check(bool ok, const char *what, int line);

void test_disk_write(void);
void test_disk_verify(void);
void test_disk_errors(void);
void test_disk_store(void);
void test_disk_store_for_ever(void);
void test_worker(void);

#endif
