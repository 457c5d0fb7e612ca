// forms.ts: the loops of forms.c in AssemblyScript, on memory and on typed arrays.
const BYTES: i32 = 1 << 20;
const BUFFER = memory.data(1 << 20, 16);
let state: u32 = 0;

function next(): u32 {
  state = state * 1664525 + 1013904223;
  return state ^ (state >> 15);
}

export function fill(seed: u32, kind: u32, size: u32): void {
  state = seed * 2654435761 + 1;
  for (let k = 0; k < BYTES / 4; k++) {
    let bits = next();
    if ((size == 4 || k % 2 == 1) && kind < 2) bits = (bits & 0x807fffff) | (0x3e800000 + ((next() >> 30) << 23));
    store<u32>(BUFFER + k * 4, bits);
  }
}

export function hash(size: u32): i64 {
  let h: u64 = 0xcbf29ce484222325;
  for (let k = 0; k < BYTES / 4; k++) {
    let bits = load<u32>(BUFFER + k * 4);
    if (size == 4 && (bits & 0x7fffffff) > 0x7f800000) bits = 0x7fc00000;
    h = (h ^ bits) * 0x100000001b3;
    h ^= h >> 29;
  }
  return h;
}

@inline function f32at(at: usize, i: i32): f32 { return load<f32>(BUFFER + at + (<usize>i << 2)); }
@inline function f64at(at: usize, i: i32): f64 { return load<f64>(BUFFER + at + (<usize>i << 3)); }

export function sum_f32(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let s: f32 = 0;
  for (let i = 0; i < n; i++) s += f32at(a, i);
  return s;
}
export function dot_f32(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let s: f32 = 0;
  for (let i = 0; i < n; i++) s += f32at(a, i) * f32at(b, i);
  return s;
}
export function dot_f64(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let s: f64 = 0;
  for (let i = 0; i < n; ++i) s += f64at(a, i) * f64at(b, i);
  return s;
}
export function dot_bumped(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let s: f64 = 0;
  let x = BUFFER + a, y = BUFFER + b;
  const end = x + (<usize>n << 3);
  while (x < end) {
    s += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return s;
}
export function distance_f32(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let s: f32 = 0;
  for (let i = 0; i < n; i++) {
    const d = f32at(a, i) - f32at(b, i);
    s += d * d;
  }
  return s;
}
export function idot_i8(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let s: i32 = 0;
  for (let i = 0; i < n; i++) s += <i32>load<i8>(BUFFER + a + i) * <i32>load<i8>(BUFFER + b + i);
  return s;
}
export function matrix_ijk(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let s: f32 = 0;
      for (let p = 0; p < n; p++) s += f32at(a, i * n + p) * f32at(b, p * n + j);
      store<f32>(BUFFER + c + (<usize>(i * n + j) << 2), s);
    }
  }
  return 0;
}
export function matrix_ikj(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < n; p++) {
      const x = f64at(a, i * n + p);
      for (let j = 0; j < n; j++) {
        const to = BUFFER + c + (<usize>(i * n + j) << 3);
        store<f64>(to, load<f64>(to) + x * f64at(b, p * n + j));
      }
    }
  }
  return 0;
}
export function matrix_i8(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let s: i32 = 0;
      for (let p = 0; p < n; p++) s += <i32>load<i8>(BUFFER + a + i * n + p) * <i32>load<i8>(BUFFER + b + p * n + j);
      store<i32>(BUFFER + c + (<usize>(i * n + j) << 2), s);
    }
  }
  return 0;
}
export function matrix_vector(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  for (let i = 0; i < n; i++) {
    let s: f64 = 0;
    for (let p = 0; p < n; p++) s += f64at(a, i * n + p) * f64at(b, p);
    store<f64>(BUFFER + c + (<usize>i << 3), s);
  }
  return 0;
}
export function rows_nearest(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let least: f32 = f32.MAX_VALUE, best = -1;
  for (let i = 0; i < n; i++) {
    let s: f32 = 0;
    for (let p = 0; p < n; p++) {
      const d = f32at(a, i * n + p) - f32at(b, p);
      s += d * d;
    }
    if (s < least) {
      least = s;
      best = i;
    }
  }
  return best;
}
export function search_compare(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let i = 0;
  while (i < n && load<u8>(BUFFER + a + i) == load<u8>(BUFFER + b + i)) i++;
  return i;
}
export function search_byte(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  for (let i = 0; i < n; i++) if (load<u8>(BUFFER + a + i) == <u8>k) return i;
  return -1;
}
export function search_length(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let s = BUFFER + a;
  while (load<u8>(s)) s++;
  return <f64>(s - BUFFER - a);
}

// Typed arrays that live in the buffer: their elements go through a header, and are checked.
function floats(at: usize, n: i32): StaticArray<f32> {
  const x = new StaticArray<f32>(n);
  memory.copy(changetype<usize>(x), BUFFER + at, n << 2);
  return x;
}
export function dot_array(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  const x = floats(a, n), y = floats(b, n);
  return dotted(x, y);
}
function dotted(x: StaticArray<f32>, y: StaticArray<f32>): f32 {
  let s: f32 = 0;
  for (let i = 0, n = x.length; i < n; i++) s += x[i] * y[i];
  return s;
}
export function matrix_array(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  const x = floats(a, n * n), y = floats(b, n * n), to = new StaticArray<f32>(n * n);
  multiplied(to, x, y, n);
  memory.copy(BUFFER + c, changetype<usize>(to), (n * n) << 2);
  return 0;
}
function multiplied(to: StaticArray<f32>, x: StaticArray<f32>, y: StaticArray<f32>, n: i32): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let s: f32 = 0;
      for (let p = 0; p < n; p++) s += x[i * n + p] * y[p * n + j];
      to[i * n + j] = s;
    }
  }
}

export function base64_encode(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let x = BUFFER + a, y = BUFFER + c, t = BUFFER + b;
  for (let i = 0; i + 2 < n; i += 3) {
    const p = <u32>load<u8>(x), q = <u32>load<u8>(x, 1), r = <u32>load<u8>(x, 2);
    store<u8>(y, load<u8>(t + (p >> 2)));
    store<u8>(y, load<u8>(t + ((p & 3) << 4 | q >> 4)), 1);
    store<u8>(y, load<u8>(t + ((q & 15) << 2 | r >> 6)), 2);
    store<u8>(y, load<u8>(t + (r & 63)), 3);
    x += 3;
    y += 4;
  }
  return n;
}
export function base64_decode(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let i = 0, y = BUFFER + c;
  const t = BUFFER + b;
  while (i + 4 <= n) {
    const x = BUFFER + a + i;
    const p = <u32>load<u8>(t + load<u8>(x)), q = <u32>load<u8>(t + load<u8>(x, 1)), r = <u32>load<u8>(t + load<u8>(x, 2)), s = <u32>load<u8>(t + load<u8>(x, 3));
    if ((p | q | r | s) > 63) break;
    const w = p << 18 | q << 12 | r << 6 | s;
    store<u8>(y, w >> 16);
    store<u8>(y, w >> 8, 1);
    store<u8>(y, w, 2);
    i += 4;
    y += 3;
  }
  return i;
}
export function text_points(c: usize, a: usize, b: usize, n: i32, k: i32): f64 {
  let i = 0, count = 0;
  while (i < n) {
    const x = load<u8>(BUFFER + a + i);
    i += x < 0x80 ? 1 : x < 0xe0 ? 2 : 3;
    count++;
  }
  return count;
}
