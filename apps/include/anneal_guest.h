/* anneal_guest.h: what a guest can ask Anneal about its own functions (imports of module "anneal").
 *
 * A function is named by its pointer: ANNEAL_FUNC(f). A program that uses any of these is measured: each
 * finished call of each of its functions is counted and timed in ticks of the processor's time-stamp counter,
 * callees included. A program that imports them runs only under Anneal. The same functions for hosts:
 * jit_runtime.h. */
#ifndef ANNEAL_GUEST_H
#define ANNEAL_GUEST_H

#include <stdint.h>

typedef void (*anneal_func)(void);
#define ANNEAL_FUNC(f)      ((anneal_func)(f))
#define ANNEAL_IMPORT(name) __attribute__((import_module("anneal"), import_name(#name))) name

/* Starts measuring afresh; ends it (what was counted stays readable). */
void ANNEAL_IMPORT(jit_profile_begin)(void);
void ANNEAL_IMPORT(jit_profile_end)(void);
uint64_t ANNEAL_IMPORT(jit_get_call_count)(anneal_func f);
uint64_t ANNEAL_IMPORT(jit_get_avg_cycles)(anneal_func f);
uint64_t ANNEAL_IMPORT(jit_get_min_cycles)(anneal_func f);
uint64_t ANNEAL_IMPORT(jit_get_max_cycles)(anneal_func f);
/* 0 interpreter, 1 O0, 2 O1, 3 O2, 4 O3. */
uint32_t ANNEAL_IMPORT(jit_get_optimization_level)(anneal_func f);
/* Calls after which a function leaves the interpreter, O0 and O1. */
void ANNEAL_IMPORT(jit_set_threshold)(uint32_t warm, uint32_t hot, uint32_t very_hot);
/* Compiles every warm function at the highest tier, now; returns how many. */
uint32_t ANNEAL_IMPORT(jit_optimize_hot_functions)(void);
/* The time-stamp counter. */
uint64_t ANNEAL_IMPORT(jit_ticks)(void);

#endif
