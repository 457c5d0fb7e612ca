// forms.rs: the loops of forms.c as Rust has them: indices with bounds checks, iterators, unchecked accesses.
#![no_std]
#![allow(clippy::all, unused_unsafe)]
use core::slice::{from_raw_parts, from_raw_parts_mut};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

const BYTES: usize = 1 << 20;
#[repr(align(16))]
struct Buffer([u32; BYTES / 4]);
static mut BUFFER: Buffer = Buffer([0; BYTES / 4]);

#[no_mangle]
pub extern "C" fn fill(seed: u32, kind: u32, size: u32) {
    let mut state = seed.wrapping_mul(2654435761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        state ^ state >> 15
    };
    for k in 0..BYTES / 4 {
        let mut bits = next();
        if (size == 4 || k % 2 == 1) && kind < 2 {
            bits = bits & 0x807fffff | 0x3e800000 + (next() >> 30 << 23);
        }
        unsafe { BUFFER.0[k] = bits };
    }
}

#[no_mangle]
pub extern "C" fn hash(size: u32) -> u64 {
    let mut h = 0xcbf29ce484222325u64;
    for k in 0..BYTES / 4 {
        let mut bits = unsafe { BUFFER.0[k] };
        if size == 4 && bits & 0x7fffffff > 0x7f800000 {
            bits = 0x7fc00000;
        }
        h = (h ^ bits as u64).wrapping_mul(0x100000001b3);
        h ^= h >> 29;
    }
    h
}

unsafe fn part<T>(at: usize, n: usize) -> &'static [T] {
    from_raw_parts((&BUFFER.0 as *const u32 as *const u8).add(at) as *const T, n)
}
unsafe fn part_mut<T>(at: usize, n: usize) -> &'static mut [T] {
    from_raw_parts_mut((&mut BUFFER.0 as *mut u32 as *mut u8).add(at) as *mut T, n)
}

macro_rules! form {
    ($name:ident, $t:ty, $r:ty, |$c:ident, $a:ident, $b:ident, $n:ident, $k:ident| $body:expr) => {
        #[no_mangle]
        pub unsafe extern "C" fn $name(c: usize, a: usize, b: usize, $n: usize, $k: usize) -> f64 {
            #[inline(always)]
            fn body($c: &mut [$r], $a: &[$t], $b: &[$t], $n: usize, $k: usize) -> f64 {
                let _ = (&$c, &$a, &$b, $n, $k);
                unsafe { $body }
            }
            let most = $n * $n;
            body(part_mut(c, most), part(a, most), part(b, most), $n, $k)
        }
    };
}

macro_rules! sums {
    ($t:ty, $r:ty, $indexed:ident, $zipped:ident, $folded:ident, $unchecked:ident, $whiled:ident) => {
        form!($indexed, $t, $r, |c, a, b, n, k| {
            let mut s = 0 as $r;
            for i in 0..n {
                s += a[i] as $r * b[i] as $r;
            }
            s as f64
        });
        form!($zipped, $t, $r, |c, a, b, n, k| {
            a[..n].iter().zip(b).map(|(&x, &y)| x as $r * y as $r).sum::<$r>() as f64
        });
        form!($folded, $t, $r, |c, a, b, n, k| {
            a[..n].iter().zip(b[..n].iter()).fold(0 as $r, |s, (x, y)| s + (*x as $r) * (*y as $r)) as f64
        });
        form!($unchecked, $t, $r, |c, a, b, n, k| {
            let mut s = 0 as $r;
            for i in 0..n {
                s += *a.get_unchecked(i) as $r * *b.get_unchecked(i) as $r;
            }
            s as f64
        });
        form!($whiled, $t, $r, |c, a, b, n, k| {
            let (mut s, mut i) = (0 as $r, 0);
            while i < a.len().min(b.len()) {
                s += (a[i] as $r - b[i] as $r) * (a[i] as $r - b[i] as $r);
                i += 1;
            }
            s as f64
        });
    };
}
sums!(f32, f32, dot_f32_indexed, dot_f32_zipped, dot_f32_folded, dot_f32_unchecked, distance_f32_while);
sums!(f64, f64, dot_f64_indexed, dot_f64_zipped, dot_f64_folded, dot_f64_unchecked, distance_f64_while);
sums!(i8, i32, idot_i8_indexed, idot_i8_zipped, idot_i8_folded, idot_i8_unchecked, idistance_i8_while);
sums!(u8, i32, idot_u8_indexed, idot_u8_zipped, idot_u8_folded, idot_u8_unchecked, idistance_u8_while);

form!(sum_indexed, f32, f32, |c, a, b, n, k| {
    let mut s = 0.0;
    for i in 0..n {
        s += a[i];
    }
    s as f64
});
form!(sum_iterated, f64, f64, |c, a, b, n, k| a[..n].iter().sum::<f64>());
form!(sum_for, f64, f64, |c, a, b, n, k| {
    let mut s = 0.0;
    for x in &a[..n] {
        s += x;
    }
    s
});
form!(norm_iterated, f32, f32, |c, a, b, n, k| a.iter().map(|x| x * x).sum::<f32>() as f64);

macro_rules! products {
    ($t:ty, $r:ty, $ijk:ident, $ikj:ident, $kij:ident, $unchecked:ident, $iterated:ident, $transposed:ident) => {
        form!($ijk, $t, $r, |c, a, b, n, k| {
            for i in 0..n {
                for j in 0..n {
                    let mut s = 0 as $r;
                    for p in 0..n {
                        s += a[i * n + p] as $r * b[p * n + j] as $r;
                    }
                    c[i * n + j] = s;
                }
            }
            0.0
        });
        form!($ikj, $t, $r, |c, a, b, n, k| {
            for i in 0..n {
                for p in 0..n {
                    let x = a[i * n + p] as $r;
                    for j in 0..n {
                        c[i * n + j] += x * b[p * n + j] as $r;
                    }
                }
            }
            0.0
        });
        form!($kij, $t, $r, |c, a, b, n, k| {
            for p in 0..n {
                for i in 0..n {
                    for j in 0..n {
                        c[i * n + j] += a[i * n + p] as $r * b[p * n + j] as $r;
                    }
                }
            }
            0.0
        });
        form!($unchecked, $t, $r, |c, a, b, n, k| {
            for i in 0..n {
                for j in 0..n {
                    let mut s = 0 as $r;
                    for p in 0..n {
                        s += *a.get_unchecked(i * n + p) as $r * *b.get_unchecked(p * n + j) as $r;
                    }
                    *c.get_unchecked_mut(i * n + j) = s;
                }
            }
            0.0
        });
        form!($iterated, $t, $r, |c, a, b, n, k| {
            for (row, to) in a.chunks_exact(n).zip(c.chunks_exact_mut(n)) {
                for (x, other) in row.iter().zip(b.chunks_exact(n)) {
                    for (t, y) in to.iter_mut().zip(other) {
                        *t += *x as $r * *y as $r;
                    }
                }
            }
            0.0
        });
        form!($transposed, $t, $r, |c, a, b, n, k| {
            for i in 0..n {
                let row = &a[i * n..(i + 1) * n];
                for j in 0..n {
                    let other = &b[j * n..(j + 1) * n];
                    c[i * n + j] = row.iter().zip(other).map(|(x, y)| *x as $r * *y as $r).sum::<$r>();
                }
            }
            0.0
        });
    };
}
products!(f32, f32, matrix_f32_ijk, matrix_f32_ikj, matrix_f32_kij, matrix_f32_unchecked, matrix_f32_iterated, matrix_f32_transposed);
products!(f64, f64, matrix_f64_ijk, matrix_f64_ikj, matrix_f64_kij, matrix_f64_unchecked, matrix_f64_iterated, matrix_f64_transposed);
products!(i8, i32, matrix_i8_ijk, matrix_i8_ikj, matrix_i8_kij, matrix_i8_unchecked, matrix_i8_iterated, matrix_i8_transposed);

form!(matrix_arrays, f32, f32, |c, a, b, n, k| {
    let x = &*(a.as_ptr() as *const [[f32; 48]; 48]);
    let y = &*(b.as_ptr() as *const [[f32; 48]; 48]);
    let to = &mut *(c.as_mut_ptr() as *mut [[f32; 48]; 48]);
    for i in 0..48 {
        for j in 0..48 {
            let mut s = 0.0;
            for p in 0..48 {
                s += x[i][p] * y[p][j];
            }
            to[i][j] = s;
        }
    }
    0.0
});
form!(matrix_vector, f32, f32, |c, a, b, n, k| {
    for i in 0..n {
        let mut s = 0.0;
        for p in 0..n {
            s += a[i * n + p] * b[p];
        }
        c[i] = s;
    }
    0.0
});

form!(rows_nearest, f32, f32, |c, a, b, n, k| {
    let (mut least, mut best) = (f32::MAX, 0);
    for i in 0..n {
        let mut s = 0.0;
        for p in 0..n {
            let d = a[i * n + p] - b[p];
            s += d * d;
        }
        if s < least {
            least = s;
            best = i;
        }
    }
    best as f64
});
form!(rows_chunks, f32, f32, |c, a, b, n, k| {
    let mut most = f32::MIN;
    for row in a.chunks_exact(n) {
        let s: f32 = row.iter().zip(b).map(|(x, y)| x * y).sum();
        if s > most {
            most = s;
        }
    }
    most as f64
});

form!(search_position, u8, u8, |c, a, b, n, k| match a.iter().position(|&x| x == k as u8) {
    Some(i) => i as f64,
    None => -1.0,
});
form!(search_equal, u8, u8, |c, a, b, n, k| {
    let mut i = 0;
    while i < n && a[i] == b[i] {
        i += 1;
    }
    i as f64
});
form!(search_zipped, u8, u8, |c, a, b, n, k| a.iter().zip(b).take_while(|(x, y)| x == y).count() as f64);
form!(search_any, i32, i32, |c, a, b, n, k| (a.iter().any(|&x| x == k as i32)) as u32 as f64);

macro_rules! maps {
    ($t:ty, $r:ty, $indexed:ident, $zipped:ident, $unchecked:ident, $chunked:ident, |$x:ident, $y:ident| $value:expr) => {
        form!($indexed, $t, $r, |c, a, b, n, k| {
            for i in 0..n {
                let ($x, $y) = (a[i], b[i]);
                let _ = $y;
                c[i] = $value;
            }
            0.0
        });
        form!($zipped, $t, $r, |c, a, b, n, k| {
            for (to, (&$x, &$y)) in c[..n].iter_mut().zip(a.iter().zip(b)) {
                let _ = $y;
                *to = $value;
            }
            0.0
        });
        form!($unchecked, $t, $r, |c, a, b, n, k| {
            for i in 0..n {
                let ($x, $y) = (*a.get_unchecked(i), *b.get_unchecked(i));
                let _ = $y;
                *c.get_unchecked_mut(i) = $value;
            }
            0.0
        });
        form!($chunked, $t, $r, |c, a, b, n, k| {
            for (row, from) in c.chunks_exact_mut(n).zip(a.chunks_exact(n)) {
                for (to, &$x) in row.iter_mut().zip(from) {
                    let $y = b[0];
                    let _ = $y;
                    *to = $value;
                }
            }
            0.0
        });
    };
}
maps!(f32, f32, map_scale_indexed, map_scale_zipped, map_scale_unchecked, map_scale_chunked, |x, y| x * 1.25);
maps!(f32, f32, map_add_indexed, map_add_zipped, map_add_unchecked, map_add_chunked, |x, y| x + y);
maps!(f32, f32, map_relu_indexed, map_relu_zipped, map_relu_unchecked, map_relu_chunked, |x, y| if x > 0.0 { x } else { 0.0 });
maps!(f32, i8, map_quantise_indexed, map_quantise_zipped, map_quantise_unchecked, map_quantise_chunked, |x, y| (x * 50.0) as i8);
maps!(i8, f32, map_dequantise_indexed, map_dequantise_zipped, map_dequantise_unchecked, map_dequantise_chunked, |x, y| x as f32 * 0.02);
maps!(u8, u8, map_saturate_indexed, map_saturate_zipped, map_saturate_unchecked, map_saturate_chunked, |x, y| x.saturating_add(y));

form!(extreme_if, f32, f32, |c, a, b, n, k| {
    let mut most = a[0];
    for i in 0..a.len() {
        if a[i] > most {
            most = a[i];
        }
    }
    most as f64
});
form!(extreme_checked, f32, f32, |c, a, b, n, k| {
    let mut most = a[0];
    for i in 0..n * k {
        if a[i] > most {
            most = a[i];
        }
    }
    most as f64
});
form!(extreme_where, f64, f64, |c, a, b, n, k| {
    let (mut most, mut at) = (a[0], 0);
    for (i, &x) in a.iter().enumerate() {
        if x < most {
            most = x;
            at = i;
        }
    }
    at as f64
});
form!(extreme_folded, f32, f32, |c, a, b, n, k| a.iter().copied().fold(f32::NEG_INFINITY, f32::max) as f64);
form!(extreme_folded_least, f64, f64, |c, a, b, n, k| a.iter().fold(f64::INFINITY, |x, &y| x.min(y)));
form!(extreme_integer, i32, i32, |c, a, b, n, k| *a.iter().max().unwrap() as f64);
form!(extreme_position, i32, i32, |c, a, b, n, k| a.iter().enumerate().max_by_key(|p| p.1).unwrap().0 as f64);

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES: [u8; 256] = {
    let mut v = [0xff; 256];
    let mut i = 0;
    while i < 64 {
        v[LETTERS[i] as usize] = i as u8;
        i += 1;
    }
    v
};
form!(base64_indexed, u8, u8, |c, a, b, n, k| {
    let (mut i, mut j) = (0, 0);
    while i + 3 <= n {
        c[j] = LETTERS[(a[i] >> 2) as usize];
        c[j + 1] = LETTERS[((a[i] & 3) << 4 | a[i + 1] >> 4) as usize];
        c[j + 2] = LETTERS[((a[i + 1] & 15) << 2 | a[i + 2] >> 6) as usize];
        c[j + 3] = LETTERS[(a[i + 2] & 63) as usize];
        i += 3;
        j += 4;
    }
    j as f64
});
form!(base64_chunks, u8, u8, |c, a, b, n, k| {
    for (x, y) in a[..n].chunks_exact(3).zip(c.chunks_exact_mut(4)) {
        let w = (x[0] as u32) << 16 | (x[1] as u32) << 8 | x[2] as u32;
        y[0] = LETTERS[(w >> 18) as usize & 63];
        y[1] = LETTERS[(w >> 12) as usize & 63];
        y[2] = LETTERS[(w >> 6) as usize & 63];
        y[3] = LETTERS[w as usize & 63];
    }
    n as f64
});
form!(base64_decode, u8, u8, |c, a, b, n, k| {
    let mut done = 0;
    for (x, y) in a[..n].chunks_exact(4).zip(c.chunks_exact_mut(3)) {
        let (p, q) = (VALUES[x[0] as usize], VALUES[x[1] as usize]);
        let (r, s) = (VALUES[x[2] as usize], VALUES[x[3] as usize]);
        if (p | q | r | s) > 63 {
            break;
        }
        y[0] = p << 2 | q >> 4;
        y[1] = q << 4 | r >> 2;
        y[2] = r << 6 | s;
        done += 1;
    }
    done as f64
});
form!(text_points, u8, u8, |c, a, b, n, k| {
    let (mut i, mut count) = (0, 0);
    while i < n {
        i += if a[i] < 0x80 { 1 } else if a[i] < 0xe0 { 2 } else { 3 };
        count += 1;
    }
    count as f64
});
form!(text_lenient, u8, u8, |c, a, b, n, k| {
    let mut bytes = a[..n].iter();
    let mut letters = 0;
    while let Some(&x) = bytes.next() {
        if x >= 0x80 {
            match bytes.next() {
                Some(&y) if y & 0xc0 == 0x80 => (),
                _ => break,
            }
        }
        letters += 1;
    }
    letters as f64
});
form!(utf8_library, u8, u8, |c, a, b, n, k| core::str::from_utf8(&a[..n]).is_ok() as u8 as f64);
form!(utf8_up_to, u8, u8, |c, a, b, n, k| {
    match core::str::from_utf8(&a[..n]) {
        Ok(_) => n as f64,
        Err(e) => e.valid_up_to() as f64,
    }
});
form!(utf8_matched, u8, u8, |c, a, b, n, k| {
    let mut rest = &a[..n];
    loop {
        rest = match rest {
            [] => return 1.0,
            [0..=0x7f, r @ ..]
            | [0xc2..=0xdf, 0x80..=0xbf, r @ ..]
            | [0xe0, 0xa0..=0xbf, 0x80..=0xbf, r @ ..]
            | [0xe1..=0xec | 0xee | 0xef, 0x80..=0xbf, 0x80..=0xbf, r @ ..]
            | [0xed, 0x80..=0x9f, 0x80..=0xbf, r @ ..]
            | [0xf0, 0x90..=0xbf, 0x80..=0xbf, 0x80..=0xbf, r @ ..]
            | [0xf1..=0xf3, 0x80..=0xbf, 0x80..=0xbf, 0x80..=0xbf, r @ ..]
            | [0xf4, 0x80..=0x8f, 0x80..=0xbf, 0x80..=0xbf, r @ ..] => r,
            _ => return 0.0,
        }
    }
});
form!(utf8_iterated, u8, u8, |c, a, b, n, k| {
    let (mut needed, mut least, mut most) = (0, 0x80, 0xbf);
    for &x in &a[..n] {
        if needed > 0 {
            if x < least || x > most {
                return 0.0;
            }
            (least, most) = (0x80, 0xbf);
            needed -= 1;
            continue;
        }
        needed = match x {
            0..=0x7f => 0,
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => return 0.0,
        };
        match x {
            0xe0 => least = 0xa0,
            0xed => most = 0x9f,
            0xf0 => least = 0x90,
            0xf4 => most = 0x8f,
            _ => (),
        }
    }
    (needed == 0) as u8 as f64
});
