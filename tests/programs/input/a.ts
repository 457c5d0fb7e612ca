// Sieve, sorting, strings and a map: the standard library of AssemblyScript, with output by WASI.
const n = 5000;
const sieve = new Uint8Array(n + 1);
let primes = new Array<i32>();
for (let i = 2; i <= n; i++) {
    if (sieve[i]) continue;
    primes.push(i);
    for (let j = i * i; j <= n; j += i) sieve[j] = 1;
}
console.log(primes.length.toString() + " " + primes[primes.length - 1].toString());
primes.sort((a, b) => (a * 7919) % 1009 - (b * 7919) % 1009);
console.log(primes.slice(0, 8).join(","));
const m = new Map<string, i32>();
const text = "the quick brown fox jumps over the lazy dog the end";
const words = text.split(" ");
for (let i = 0; i < words.length; i++) m.set(words[i], (m.has(words[i]) ? m.get(words[i]) : 0) + 1);
console.log(m.size.toString() + " " + m.get("the").toString() + " " + text.toUpperCase().substring(4, 9));
console.log(Math.sqrt(2.0).toString() + " " + Math.pow(1.1, 10.0).toString() + " " + (<f32>0.1).toString());
