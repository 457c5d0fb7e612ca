// node [FLAGS] --expose-gc load_v8.mjs RUNS validate|compile FILE: what V8 needs for the same bytes, as one JSON object.
// CPU time is that of all threads of the process.
import { readFileSync } from "fs";

const [, , runs, mode, file] = process.argv;
const bytes = readFileSync(file);
const cpu = [], wall = [];
let module;
for (let k = 0; k < Number(runs); k++) {
    module = undefined;
    gc();
    const before = process.cpuUsage();
    const start = performance.now();
    if (mode === "validate") {
        if (!WebAssembly.validate(bytes)) throw new Error("not valid");
    } else {
        module = new WebAssembly.Module(bytes);
    }
    wall.push((performance.now() - start) / 1e3);
    const used = process.cpuUsage(before);
    cpu.push((used.user + used.system) / 1e6);
}
module ??= new WebAssembly.Module(bytes);
const imports = WebAssembly.Module.imports(module).length;
const exports = WebAssembly.Module.exports(module).length;
console.log(JSON.stringify({ imports, exports, cpu, wall }));
