/* cJSON: parses a text of n records, changes it, prints it. */
#include "row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"

static char *source;
static volatile int added;

SETUP(n)
{
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < n; i++) {
        char text[40];
        cJSON *record = cJSON_CreateObject();
        row_text(text, 32);
        text[32] = 0;
        cJSON_AddNumberToObject(record, "id", i);
        cJSON_AddNumberToObject(record, "weight", row_fraction());
        cJSON_AddStringToObject(record, "text", text);
        cJSON_AddBoolToObject(record, "even", i % 2 == 0);
        cJSON_AddItemToArray(list, record);
    }
    source = cJSON_PrintUnformatted(list);
    cJSON_Delete(list);
    added = 1;
}

RUN(iters)
{
    double sum = 0;
    REPEAT(iters)
    {
        cJSON *list = cJSON_Parse(source), *record;
        sum = 0;
        cJSON_ArrayForEach(record, list)
        {
            cJSON *id = cJSON_GetObjectItem(record, "id");
            cJSON_SetNumberValue(id, id->valuedouble + added);
            sum += id->valuedouble;
        }
        char *text = cJSON_PrintUnformatted(list);
        sum += (double)strlen(text);
        free(text);
        cJSON_Delete(list);
        row_sink = sum;
    }
    return sum;
}
