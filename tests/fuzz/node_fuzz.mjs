// node --experimental-wasm-type-reflection node_fuzz.mjs FILE: runs a module as
// `anneal run --fuzz` does and prints the same lines; the hash of the memory only where it is exported.
import { readFileSync } from "fs";

const view = new DataView(new ArrayBuffer(8));
function show(v) {
    if (typeof v === "bigint") return v + "n";
    if (typeof v !== "number") return v === null ? "null" : "ref";
    if (Number.isNaN(v)) return "nan";
    view.setFloat64(0, v);
    return view.getBigUint64(0).toString(16).padStart(16, "0");
}
// FNV-1a of 64 bits, as two halves: the prime is 2^40 + 0x1b3.
function hash(bytes) {
    let high = 0xcbf29ce4, low = 0x84222325;
    for (const b of bytes) {
        low = (low ^ b) >>> 0;
        const product = low * 0x1b3;
        high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
        low = product >>> 0;
    }
    return [high, low].map((v) => v.toString(16).padStart(8, "0")).join("");
}
const zero = { i64: 0n, i32: 0, f32: 0, f64: 0 };
const end = (e) => (e instanceof WebAssembly.Exception ? "exception" : "trap");
const line = (...words) => process.stdout.write(words.join(" ") + "\n");
const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const imports = {};
for (const { module: m, name } of WebAssembly.Module.imports(module))
    (imports[m] ??= {})[name] = (...args) => line(name, ...args.map(show));

let instance;
let trapped = false;
try {
    instance = new WebAssembly.Instance(module, imports);
} catch (e) {
    line("instantiate", end(e));
}
for (const { name, kind } of instance ? WebAssembly.Module.exports(module) : []) {
    if (kind !== "function") continue;
    const f = instance.exports[name];
    try {
        const { parameters } = WebAssembly.Function.type(f);
        const r = f(...parameters.map((t) => zero[t] ?? null));
        line(name, "=", ...(r === undefined ? [] : Array.isArray(r) ? r : [r]).map(show));
    } catch (e) {
        trapped = true;
        line(name, "=", end(e));
    }
}
const memory = instance && Object.values(instance.exports).find((x) => x instanceof WebAssembly.Memory);
if (memory && !trapped) line("memory", hash(new Uint8Array(memory.buffer)));
