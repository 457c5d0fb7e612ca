// DEFLATE both ways through the crate miniz_oxide, and what std has: maps, sorting, formatting, files.
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

fn main() {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).expect("stdin");
    for level in [1u8, 6, 9] {
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&text, level);
        let back = miniz_oxide::inflate::decompress_to_vec_zlib(&packed).expect("inflate");
        let sum = packed.iter().fold(0u64, |h, &b| h.wrapping_mul(1099511628211) ^ b as u64);
        println!("level {}: {} -> {} bytes, {:016x}, back {}", level, text.len(), packed.len(), sum, back == text);
    }
    let mut words: HashMap<&str, u32> = HashMap::new();
    let text = String::from_utf8_lossy(&text);
    for w in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        *words.entry(w).or_default() += 1;
    }
    let mut by_count: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    words.iter().for_each(|(w, n)| by_count.entry(*n).or_default().push(w));
    for (n, list) in by_count.iter_mut().rev().take(5) {
        list.sort();
        println!("{:>3} {}", n, list.join(" "));
    }
    println!("{:?} {:.12} {:e}", "14x".parse::<i32>(), 2f64.sqrt(), 1e300f64 / 3.0);
    std::process::exit(7);
}
