// A JavaScript engine runs a row; tools/anneal_bench_rig.c has the protocol.
import { readFileSync, writeSync } from 'node:fs';

const options = { mode: 'run', setup: 0, reps: 7, iters: 0, 'min-ms': 20, 'warm-ms': 200, 'max-ms': 4000 };
let path = '';
for (let words = process.argv.slice(2), k = 0; k < words.length; k++) {
  const name = words[k].slice(2);
  if (!words[k].startsWith('--')) path = words[k];
  else options[name] = name === 'mode' ? words[++k] : Number(words[++k]);
}
const now = () => performance.now() * 1e6;
const cpu = () => { // of all threads, as compilation is the engine's own doing
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
};
const say = (event) => writeSync(1, JSON.stringify(event) + '\n');

const bytes = readFileSync(path);
const start = now();
const module = new WebAssembly.Module(bytes);
const compiled = now();
const { exports } = new WebAssembly.Instance(module, { env: { host_nop: (x) => (x + 1) | 0 } });
exports._initialize?.();
say({ ev: 'load', compile_ms: (compiled - start) / 1e6, instantiate_ms: (now() - compiled) / 1e6 });

const time = (iters) => {
  const from = now();
  exports.run(iters);
  return now() - from;
};

const rep = (iters, work) => {
  const cpuFrom = cpu(), from = now();
  work(iters);
  const ns = now() - from;
  say({ ev: 'rep', iters, ns, cpu_ns: cpu() - cpuFrom });
};

function calibrate() {
  const from = now(), want = options['min-ms'] * 1e6;
  let k = 1, per;
  do {
    const ns = time(k);
    per = Math.max(ns / k, 0.01);
    if (ns < want / 4 && k < 5e8) k *= 2;
  } while (now() - from < options['warm-ms'] * 1e6);
  return Math.min(1e9, Math.floor(want / per) + 1);
}

function run() {
  const iters = options.iters || calibrate(), from = now();
  for (let r = 0; r < options.reps; r++) {
    rep(iters, exports.run);
    if (r >= 1 && now() - from > options['max-ms'] * 1e6) break;
  }
}

function calls() {
  const n = options.iters || 1000000, nop = exports.nop;
  const loop = () => {
    let x = 0;
    for (let i = 0; i < n; i++) x = nop(i);
    return x;
  };
  for (let r = 0; r < 10; r++) loop();
  for (let r = 0; r < options.reps; r++) rep(n, loop);
}

const from = now();
exports.setup(options.setup);
const ready = now();
const value = exports.run(options.mode === 'run' ? 1 : options.iters || 1);
say({ ev: 'check', value, setup_ms: (ready - from) / 1e6, first_run_ms: (now() - ready) / 1e6 });
if (options.mode === 'run') run();
if (options.mode === 'hostcall') calls();
