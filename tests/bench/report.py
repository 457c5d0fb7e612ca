"""What bench found, as tables for people (markdown) and as one HTML page with plots that needs nothing else."""
import datetime
import html as escape_html
import math
import os
import platform
import statistics

TIERS = ["interp", "baseline", "o0", "o1", "o2", "o3", "auto"]
COLOURS = {"native": "#555", "native-O2": "#999", "native-nogather": "#bbb", "node": "#2a9d2a", "wasm2c": "#b8860b", "interp": "#c44",
           "o0": "#9467bd", "o1": "#8c6dd0", "o2": "#6f8fe0", "o3": "#1f5fd0", "auto": "#d0408f"}
GROUPS = {"app": "applications", "kernel": "inner loops", "check": "checksums", "bytes": "bytes and bits", "poly": "loop nests", "call": "calls"}


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((l.split(":", 1)[1].strip() for l in f if l.startswith("model name")), "?")
    return {"cpu": model, "processors": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()[0],
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")}


# --- Figures. ---

def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def base_of(data, row, clock="engines"):
    return data["rows"].get(row.replace(" [simd]", ""), {}).get(clock, {}).get("native", [])


def ratios(data, row, engine, pick=statistics.median, clock="engines"):
    """One a round: the engine's time to native's."""
    pairs = zip(data["rows"][row].get(clock, {}).get(engine, []), base_of(data, row, clock))
    return [pick(a) / pick(b) for a, b in pairs if a and b and pick(b) > 0]


def figure(data, row, engine):
    """Over the rounds: median, least and most of the ratios of medians, and the median of the ratios of the least CPU
    times, which other programs on the machine disturb less; None: not measured."""
    r = ratios(data, row, engine)
    if not r:
        return None
    return {"median": statistics.median(r), "least": min(r), "most": max(r), "of_least": statistics.median(ratios(data, row, engine, min, "cpu"))}


def engines_of(data):
    found = [e for r in data["rows"].values() for e in r["engines"]] + [e for k in ("cold", "total") for t in data[k].values() for e in t]
    return [e for e in COLOURS if e in found] + sorted(set(found) - set(COLOURS))


def groups_of(data):
    found = {}
    for row, r in data["rows"].items():
        if base_of(data, row):
            found.setdefault((r["group"], row.endswith(" [simd]")), []).append(row)
    return found


def ranking(data, engines=("auto", "o3")):
    """Rows by the worst of these engines' ratios to native (of least CPU times), with Node's beside it."""
    out = []
    for row in data["rows"]:
        f = {e: figure(data, row, e) for e in list(engines) + ["interp", "node", "wasm2c"]}
        if any(f[e] for e in engines):
            out.append((max(f[e]["of_least"] for e in engines if f[e]), row, f))
    return sorted(out, key=lambda x: -x[0])


FIXED = ["o0", "o1", "o2", "o3"]


def behind(data):
    """Rows by how far `auto` ends behind the best fixed tier: median over rounds of the ratio of the medians of CPU time."""
    out = []
    for row, r in data["rows"].items():
        cpu, pairs = r.get("cpu", {}), {}
        for tier in FIXED:
            of_rounds = [statistics.median(a) / statistics.median(b) for a, b in zip(cpu.get("auto", []), cpu.get(tier, []))]
            if of_rounds:
                pairs[tier] = statistics.median(of_rounds)
        if pairs:
            best = max(pairs, key=pairs.get)
            out.append((pairs[best], row, best))
    return sorted(out, reverse=True)


# --- Markdown. ---

def time_of(ns):
    return "%.2f ns" % ns if ns < 1e3 else "%.1f µs" % (ns / 1e3) if ns < 1e6 else "%.2f ms" % (ns / 1e6)


def number(v):
    return "-" if v is None else "%.2f" % v if v < 10 else "%.1f" % v if v < 100 else "%.0f" % v


def cell(f):
    return "-" if not f else "%s (%s-%s)" % (number(f["median"]), number(f["least"]), number(f["most"]))


def table(head, lines):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(l) + " |" for l in lines] + [""]


def steady_tables(data, engines):
    out = []
    for (group, simd), rows in groups_of(data).items():
        shown = [e for e in engines if e != "native" and any(figure(data, r, e) for r in rows)]
        lines = []
        for row in rows:
            native = statistics.median(v for reps in base_of(data, row) for v in reps)
            lines.append([row.replace(" [simd]", ""), time_of(native)] + [cell(figure(data, row, e)) for e in shown])
        for what, key in (("geometric mean", "median"), ("of the least CPU times", "of_least")):
            means = [mean([f[key] for f in (figure(data, r, e) for r in rows) if f]) for e in shown]
            lines.append(["**%s**" % what, ""] + ["**%s**" % number(m) for m in means])
        out += ["## %s%s" % (GROUPS.get(group, group), ", with -msimd128" if simd else ""), ""]
        out += table(["row", "native"] + shown, lines)
    return out


def call_table(data, engines):
    rows = [r for r, d in data["rows"].items() if d["group"] == "call"]
    if not rows:
        return []
    lines = []
    for row in rows:
        found = data["rows"][row]["engines"]
        lines.append([row] + ["%.2f" % min(v for reps in found[e] for v in reps) if found.get(e) else "-" for e in engines])
    return ["## calls, ns each (least)", ""] + table(["row"] + engines, lines)


def ms(times, what):
    values = times and times[what]
    return "%.1f (%.1f-%.1f)" % (statistics.median(values), min(values), max(values)) if values else "-"


def time_tables(data, engines):
    out = []
    for kind, title in (("cold", "process start to exit with one result"), ("total", "process start to exit, by the native work")):
        for what, unit in (("wall", "ms"), ("cpu", "ms of CPU time")):
            if data[kind]:
                lines = [[name] + [ms(t.get(e), what) for e in engines] for name, t in data[kind].items()]
                out += ["## %s, %s" % (title, unit), ""] + table([""] + engines, lines)
    return out


def behind_table(data, most):
    found = behind(data)
    late = sum(b[0] > most for b in found)
    text = "`auto` to the best fixed tier: %d of %d rows above %.2f" % (late, len(found), most)
    return "\n".join([text, ""] + table(["row", "ratio", "to"], [[row, "%.3f" % r, tier] for r, row, tier in found])), late


def ranking_table(data):
    def both(f):
        return "%s, %s" % (number(f["of_least"]), number(f["median"])) if f else "-"

    lines = []
    for worst, row, f in ranking(data):
        behind = f["auto"]["of_least"] / f["o3"]["of_least"] if f["auto"] and f["o3"] else None
        lines.append([row, both(f["o3"]), both(f["auto"]), number(behind), both(f["interp"]), both(f["node"]), both(f["wasm2c"])])
    head = ["row (of least CPU times, of medians)", "o3", "auto", "auto to o3", "interp", "node", "wasm2c"]
    return ["## the worst first", ""] + table(head, lines) if lines else []


def markdown(data):
    m, engines = data["machine"], engines_of(data)
    out = ["%s; %s, %d processors, load average %.1f at the end. Times to native clang-19 -O3 -march=native: median over the rounds"
           " (least-most)." % (m["date"], m["cpu"], m["processors"], m["load"]), ""]
    out += steady_tables(data, engines) + call_table(data, engines) + time_tables(data, engines) + ranking_table(data)
    out += ["wrong: " + w for w in data["wrong"]] + ["left out: %s: %s" % x for x in data["skipped"].items()]
    return "\n".join(out)


# --- HTML. ---

STYLE = """body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222;background:#fff}
table{border-collapse:collapse;margin:1em 0;font-variant-numeric:tabular-nums}th,td{padding:.15em .6em;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child{text-align:left}svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#333}
.wrong{color:#b00}"""


def text(x, y, s, anchor="start"):
    return '<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>' % (x, y, anchor, escape_html.escape(s))


def line(x1, y1, x2, y2, colour="#ddd", width=1):
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"/>' % (x1, y1, x2, y2, colour, width)


def dot(x, y, colour, title):
    return '<circle cx="%.1f" cy="%.1f" r="4.5" fill="%s"><title>%s</title></circle>' % (x, y, colour, escape_html.escape(title))


def legend(engines, width):
    step = max(90, min(130, width // max(1, len(engines))))
    return "".join(dot(10 + k * step, 10, COLOURS.get(e, "#000"), e) + text(20 + k * step, 14, e) for k, e in enumerate(engines))


def log_ticks(low, high):
    ticks = [m * 10.0 ** k for k in range(-3, 7) for m in (1, 2, 5)]
    return [t for t in ticks if low <= t <= high]


def svg(width, height, parts):
    return '<svg viewBox="0 0 %d %d" width="%d" role="img">%s</svg>' % (width, height, width, "".join(parts))


def ratio_plot(data, rows, engines):
    """A line a row, a dot an engine, on a logarithmic axis of times to native; whiskers from least to most."""
    figures = {(r, e): figure(data, r, e) for r in rows for e in engines if e != "native"}
    shown = [e for e in engines if any(figures.get((r, e)) for r in rows)]
    values = [f["median"] for f in figures.values() if f]
    if not values:
        return ""
    low, high, left, width, step = min(min(values), 0.9) * 0.9, max(max(values), 1.2) * 1.1, 170, 960, 22
    height = 50 + step * len(rows)

    def x_of(v):
        return left + (width - left - 20) * (math.log(min(max(v, low), high)) - math.log(low)) / (math.log(high) - math.log(low))

    parts = [legend(shown, width)]
    for t in log_ticks(low, high):
        parts += [line(x_of(t), 25, x_of(t), height - 20, "#333" if t == 1 else "#e4e4e4"), text(x_of(t), height - 6, "%g" % t, "middle")]
    for k, row in enumerate(rows):
        y = 38 + k * step
        parts += [text(left - 8, y + 4, row, "end"), line(left, y, width - 20, y, "#f0f0f0")]
        for e in shown:
            f = figures.get((row, e))
            if f:
                parts.append(line(x_of(f["least"]), y, x_of(f["most"]), y, COLOURS.get(e, "#000"), 1.5))
                parts.append(dot(x_of(f["median"]), y, COLOURS.get(e, "#000"), "%s, %s: %s" % (row, e, cell(f))))
    return svg(width, height, parts)


def total_rows(data):
    """Row to {ms of native work: {engine: median of ms}}."""
    rows = {}
    for name, times in data["total"].items():
        row, _, work = name.rpartition(", ")
        rows.setdefault(row, {})[float(work.split()[0])] = {e: statistics.median(t["wall"]) for e, t in times.items()}
    return rows


def time_plot(by_work, engines):
    """Milliseconds from process start to exit over milliseconds of native work, both logarithmic."""
    works = sorted(by_work)
    points = {e: [(w, by_work[w][e]) for w in works if e in by_work[w]] for e in engines}
    points = {e: p for e, p in points.items() if p}
    values = [v for p in points.values() for _, v in p]
    (x0, x1), (y0, y1), width, height = (works[0] / 2, works[-1] * 2), (min(values) * 0.8, max(values) * 1.3), 620, 360

    def at(x, y):
        return (60 + (width - 80) * math.log(x / x0) / math.log(x1 / x0), height - 40 - (height - 80) * math.log(y / y0) / math.log(y1 / y0))

    parts = [legend(list(points), width)]
    for t in [10.0 ** k for k in range(0, 7)]:
        if y0 <= t <= y1:
            parts += [line(*at(x0, t), *at(x1, t)), text(55, at(x0, t)[1] + 4, "%g" % t, "end")]
    parts += [text(at(w, y0)[0], height - 20, "%g ms" % w, "middle") for w in works]
    for e, p in points.items():
        for a, b in zip(p, p[1:]):
            parts.append(line(*at(*a), *at(*b), COLOURS.get(e, "#000"), 2))
        parts += [dot(*at(*a), COLOURS.get(e, "#000"), "%s: %.1f ms for %g ms" % (e, a[1], a[0])) for a in p]
    return svg(width, height, parts)


def cold_plot(data):
    engines, width, left, step = engines_of(data), 960, 170, 20
    values = [statistics.median(v["wall"]) for c in data["cold"].values() for v in c.values()]
    low, high, parts, y = 0.5, max(values) * 1.2, [], 10
    for name, c in data["cold"].items():
        parts.append(text(0, y + 12, name))
        for e in (e for e in engines if c.get(e)):
            v = statistics.median(c[e]["wall"])
            w = (width - left - 80) * math.log(max(v, low * 1.01) / low) / math.log(high / low)
            parts.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' % (left, y, w, step - 5, COLOURS.get(e, "#000")))
            parts.append(text(left + w + 6, y + 12, "%s %.1f ms" % (e, v)))
            y += step
        y += 10
    return svg(width, y, parts)


def html_table(lines):
    """Of a markdown table."""
    rows = [[c.strip().replace("**", "") for c in l.strip("|").split("|")] for l in lines if not l.startswith("|---")]
    cells = [["<%s>%s</%s>" % (t, escape_html.escape(c), t) for c in r] for t, r in zip(["th"] + ["td"] * len(rows), rows)]
    return "<table>%s</table>" % "".join("<tr>%s</tr>" % "".join(c) for c in cells)


def html_of_markdown(lines):
    out, rows = [], []
    for l in lines + [""]:
        if l.startswith("|"):
            rows.append(l)
            continue
        if rows:
            out.append(html_table(rows))
            rows = []
        if l.startswith("## "):
            out.append("<h2>%s</h2>" % escape_html.escape(l[3:]))
        elif l:
            out.append('<p%s>%s</p>' % (' class="wrong"' if l.startswith("wrong") else "", escape_html.escape(l)))
    return "\n".join(out)


def html(data):
    engines, body = engines_of(data), []
    for (group, simd), rows in groups_of(data).items():
        body.append("<h2>%s%s: time to native</h2>" % (GROUPS.get(group, group), ", with -msimd128" if simd else ""))
        body.append(ratio_plot(data, rows, engines))
    if data["cold"]:
        body += ["<h2>Process start to exit with one result</h2>", cold_plot(data)]
    for name, by_work in total_rows(data).items():
        body += ["<h2>%s: process start to exit by the native work, ms</h2>" % escape_html.escape(name), time_plot(by_work, engines)]
    return "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Anneal: measurements</title><style>%s</style>\n" \
           "<h1>Anneal: measurements</h1>\n%s\n%s</html>\n" % (STYLE, "\n".join(body), html_of_markdown(markdown(data).split("\n")))
