/* SQLite in memory. n < 100,000: inserts n rows into a table with an index, in a transaction; above: queries
 * a table of n - 100,000 rows. */
#include "row.h"

#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

enum { QUERY = 100000 };
static sqlite3 *db;
static int rows, query;

/* --- What SQLITE_OS_OTHER asks of us: no files. --- */

static int no_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)v, (void)name, (void)f, (void)flags, (void)out;
    return SQLITE_CANTOPEN;
}
static int no_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
    (void)v, (void)name, (void)flags;
    *out = 0;
    return SQLITE_OK;
}
static int same_name(sqlite3_vfs *v, const char *name, int n, char *out)
{
    (void)v;
    strncpy(out, name, (size_t)n);
    return SQLITE_OK;
}
static int same_bytes(sqlite3_vfs *v, int n, char *out)
{
    (void)v;
    memset(out, 7, (size_t)n);
    return n;
}
static int same_time(sqlite3_vfs *v, double *out)
{
    (void)v;
    *out = 2460000.5;
    return SQLITE_OK;
}

int sqlite3_os_init(void)
{
    static sqlite3_vfs none = {.iVersion = 1,
                               .szOsFile = sizeof(sqlite3_file),
                               .mxPathname = 64,
                               .zName = "none",
                               .xOpen = no_open,
                               .xAccess = no_access,
                               .xFullPathname = same_name,
                               .xRandomness = same_bytes,
                               .xCurrentTime = same_time};
    return sqlite3_vfs_register(&none, 1);
}
int sqlite3_os_end(void)
{
    return SQLITE_OK;
}

/* --- The work. --- */

static void execute(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        abort();
}

static void insert(int n)
{
    sqlite3_stmt *s;
    execute("begin");
    sqlite3_prepare_v2(db, "insert into t values (?, ?, ?)", -1, &s, NULL);
    for (int i = 0; i < n; i++) {
        uint32_t key = (uint32_t)i * 2654435761u;
        sqlite3_bind_int(s, 1, i);
        sqlite3_bind_int(s, 2, (int)(key >> 12));
        sqlite3_bind_text(s, 3, "some text of a row", (int)(key >> 28) + 2, SQLITE_STATIC);
        sqlite3_step(s);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    execute("commit");
}

static double value_of(const char *sql)
{
    sqlite3_stmt *s;
    double v = -1;
    sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (sqlite3_step(s) == SQLITE_ROW)
        v = sqlite3_column_double(s, 0);
    sqlite3_finalize(s);
    return v;
}

SETUP(n)
{
    query = n >= QUERY;
    rows = n % QUERY;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        abort();
    execute("create table t (id integer primary key, k integer, s text); create index tk on t (k)");
    if (query)
        insert(rows);
}

static double queries(void)
{
    return value_of("select sum(length(s)) from t where k between 1000 and 500000") +
           value_of("select count(*) from t a join t b on a.k = b.k where a.id % 3 = 0") +
           value_of("select max(c) from (select count(*) as c from t group by s)") +
           value_of("select sum(k % 1000) from t where s like '%te%' order by k");
}

RUN(iters)
{
    double result = 0;
    REPEAT(iters)
    {
        if (!query) {
            execute("delete from t");
            insert(rows);
        }
        row_sink = result = query ? queries() : value_of("select sum(k % 10000) + count(*) from t");
    }
    return result;
}
