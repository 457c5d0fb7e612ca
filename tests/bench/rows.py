"""What is measured: modules (C that is built natively and to WebAssembly) and rows (one size or variant of a module's work)."""
import fnmatch

# Debian source packages, unpacked below SRC at bench time: {name} stands for that folder.
LUA = "lapi lcode lctype ldebug ldo ldump lfunc lgc llex lmem lobject lopcodes lparser lstate lstring ltable ltm lundump lvm lzio" \
      " lauxlib lbaselib lstrlib ltablib lmathlib"
ZLIB = "adler32 compress crc32 deflate inffast inflate inftrees trees uncompr zutil"
MODULES = {  # name: sources beside rows/NAME.c, flags
    "sha256": {}, "nbody": {}, "spectral": {}, "mandelbrot": {}, "fannkuch": {}, "bintrees": {}, "quicksort": {}, "coremix": {},
    "kernels": {}, "bytes": {}, "poly": {}, "medium_algebra": {}, "medium_stencils": {}, "calls": {},
    "lz4": {"package": "lz4", "sources": ["{lz4}/lib/lz4.c", "{lz4}/lib/lz4hc.c"], "flags": ["-I{lz4}/lib"]},
    "zstd": {"package": "libzstd", "sources": ["{libzstd}/lib/%s/*.c" % d for d in ("common", "compress", "decompress")],
             "flags": ["-I{libzstd}/lib", "-DZSTD_DISABLE_ASM", "-DXXH_NAMESPACE=ZSTD_"]},
    "brotli": {"package": "brotli", "sources": ["{brotli}/c/%s/*.c" % d for d in ("common", "dec", "enc")],
               "flags": ["-I{brotli}/c/include"]},
    "zlib": {"package": "zlib", "sources": ["{zlib}/%s.c" % f for f in ZLIB.split()], "flags": ["-I{zlib}", "-DHAVE_UNISTD_H"]},
    "cjson": {"package": "cjson", "sources": ["{cjson}/cJSON.c"], "flags": ["-I{cjson}"]},
    "lua": {"package": "lua5.4", "sources": ["{lua5.4}/src/%s.c" % f for f in LUA.split()],
            "flags": ["-Itests/bench/rows/lua_include", "-I{lua5.4}/src", "-include", "lua_config.h", "-D_WASI_EMULATED_SIGNAL",
                      "-D_WASI_EMULATED_PROCESS_CLOCKS"]},
    "sqlite": {"package": "sqlite3", "prepare": "sqlite", "sources": ["{sqlite3}/bench/sqlite3.c"],
               "flags": ["-I{sqlite3}/bench", "-DSQLITE_OS_OTHER=1", "-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION",
                         "-DSQLITE_DEFAULT_MEMSTATUS=0", "-DSQLITE_TEMP_STORE=3", "-DSQLITE_OMIT_WAL"]},
}
MEGA = 1 << 20
PACK = 100000000  # lz4, zstd, zlib: compress
# An engine that climbs gets four times as long to warm up: much code.
HEAVY = {"lz4", "zstd", "brotli", "zlib", "sqlite", "lua", "cjson"}

KERNELS = [  # row, kernel (rows/kernels.c), size
    ("dot_f32_500k", 0, 500000), ("distance_f32_500k", 1, 500000), ("matmul_f32_128", 2, 128), ("matmul_rows_f32_128", 3, 128),
    ("matmul_i8_128", 4, 128), ("dot_i8_500k", 5, 500000), ("quantise_500k", 6, 500000), ("quantise_rint_500k", 7, 500000),
    ("conv3x3_relu_256", 8, 256), ("softmax_1024", 9, 1024), ("sum_f64_100k", 10, 100000), ("scale_f64_100k", 11, 100000),
    ("product_f64_100k", 12, 100000), ("norm_f32_500k", 13, 500000), ("cosine_f32_100k", 14, 100000), ("knn_f32_100x300", 15, 100300),
    ("edge3x3_28", 16, 28), ("attention_64x64", 17, 64), ("dot_f64_100k", 18, 100000), ("matmul_f32_64", 2, 64),
    ("matmul_f32_512", 2, 512), ("max_f32_500k", 23, 500000), ("min_f64_100k", 24, 100000), ("argmax_f32_500k", 25, 500000),
    ("argmax_f32_200", 25, 200), ("argmin_again_f32_500k", 26, 500000), ("argmax_i8_500k", 27, 500000)]
CHECKS = [  # the same
    ("adler32_1m", 19, 1000000), ("adler32_256", 19, 256), ("crc32_1m", 20, 1000000), ("crc32_256", 20, 256), ("crc32_sliced_1m", 21, 1000000),
    ("crc32_sliced_4k", 21, 4096), ("crc32_bits_64k", 22, 65536)]
BYTES = [  # row, kernel (rows/bytes.c), size
    ("histogram_100k", 0, 100000), ("histogram_runs_100k", 1, 100000), ("popcount_shift_10k", 2, 10000), ("popcount_clear_10k", 3, 10000),
    ("popcount_table_100k", 4, 100000), ("popcount_fixed_10k", 5, 10000), ("popcount_sideways_10k", 6, 10000), ("log2_shift_10k", 7, 10000),
    ("lowest_shift_10k", 8, 10000), ("load_be32_100k", 9, 100000), ("load_le64_100k", 10, 100000), ("store_be32_100k", 11, 100000),
    ("store_le64_100k", 12, 100000), ("convert_be32_100k", 13, 100000), ("base64_encode_100k", 14, 100000), ("base64_decode_100k", 15, 100000),
    ("utf8_ascii_100k", 16, 100000), ("lookup_100k", 17, 100000), ("histogram_text_100k", 18, 100000), ("histogram_4k", 18, 4000), ("histogram_2k", 0, 2048),
    ("lookup_100", 17, 100), ("base64_encode_100", 14, 100), ("base64_decode_100", 15, 100), ("utf8_ascii_20", 16, 20), ("utf8_latin_100k", 19, 100000),
    ("utf8_cyrillic_100k", 20, 100000)]
POLY = "gemm 2mm atax bicg mvt gesummv syrk trmm lu cholesky trisolv jacobi_1d jacobi_2d seidel_2d fdtd_2d heat_3d" \
       " floyd_warshall covariance"
ALGEBRA = "gemm 2mm 3mm symm syrk syr2k trmm doitgen atax bicg mvt gemver gesummv correlation covariance"
STENCILS = "cholesky durbin gramschmidt lu ludcmp trisolv deriche floyd_warshall nussinov adi fdtd_2d heat_3d jacobi_1d jacobi_2d" \
           " seidel_2d"
ROWS = [  # row, module, n, group
    ("lz4_dec_1m", "lz4", MEGA, "app"), ("lz4_enc_1m", "lz4", PACK + MEGA, "app"),
    ("zstd_dec_1m", "zstd", MEGA, "app"), ("zstd_enc_1m", "zstd", PACK + MEGA, "app"),
    ("brotli_dec_1m", "brotli", MEGA, "app"),
    ("inflate_1m", "zlib", MEGA, "app"), ("deflate_100k", "zlib", PACK + 100000, "app"),
    ("coremix", "coremix", 3, "app"),
    ("sqlite_insert_5k", "sqlite", 5000, "app"), ("sqlite_select_5k", "sqlite", 105000, "app"),
    ("lua_fib24", "lua", 0, "app"), ("lua_strings", "lua", 1, "app"), ("lua_tables", "lua", 2, "app"),
    ("cjson_500", "cjson", 500, "app"), ("sha256_64k", "sha256", 65536, "app"), ("nbody_20k", "nbody", 20000, "app"),
    ("spectral_200", "spectral", 200, "app"), ("mandelbrot_200", "mandelbrot", 200, "app"), ("fannkuch_8", "fannkuch", 8, "app"),
    ("bintrees_10", "bintrees", 10, "app"), ("quicksort_1m", "quicksort", 1000000, "app"),
] + [(name, "kernels", k * 10000000 + n, "kernel") for name, k, n in KERNELS] \
  + [(name, "kernels", k * 10000000 + n, "check") for name, k, n in CHECKS] \
  + [(name, "bytes", k * 10000000 + n, "bytes") for name, k, n in BYTES] \
  + [("poly_" + name, "poly", k, "poly") for k, name in enumerate(POLY.split())] \
  + [("medium_" + name, "medium_algebra", k, "poly") for k, name in enumerate(ALGEBRA.split())] \
  + [("medium_" + name, "medium_stencils", k, "poly") for k, name in enumerate(STENCILS.split())] \
  + [(name, "calls", k, "call") for k, name in enumerate(["call_host", "call_indirect_same", "call_indirect_4", "call_direct"])]
SIMD = {"sha256", "nbody", "spectral", "coremix", "kernels", "poly", "medium_algebra", "medium_stencils"}  # with -msimd128, too (--simd)
COLD = [("tiny (fannkuch)", "fannkuch", 5), ("small (coremix)", "coremix", 3), ("zlib", "zlib", 100000), ("large (sqlite)", "sqlite", 100000)]
TOTAL = ["coremix", "sha256_64k", "lua_tables", "inflate_1m", "sqlite_select_5k"]


def selected(names, groups):
    """Rows whose name matches one of `names`, in one of `groups` (none: in any), both separated by commas."""
    return [r for r in ROWS if any(fnmatch.fnmatch(r[0], n) for n in names.split(",")) and (not groups or r[3] in groups.split(","))]


def is_near(value, native):
    """Whether a result is right: native code may fuse multiplications and additions."""
    return value is not None and abs(value - native) <= 1e-3 * max(1, abs(native))
