/* Reads d/f and makes d/made again and again while somebody outside exchanges d for a link that leads out. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    int inside = 0, outside = 0, refused = 0;
    time_t end = time(NULL) + 2;
    while (time(NULL) < end) {
        char buf[16] = "";
        int fd = open("/d/f", O_RDONLY);
        if (fd < 0) {
            refused++;
        } else {
            read(fd, buf, sizeof buf - 1);
            close(fd);
            if (strcmp(buf, "inside") == 0)
                inside++;
            else
                outside++;
        }
        fd = open("/d/made", O_CREAT | O_WRONLY, 0666);
        if (fd >= 0)
            close(fd);
        mkdir("/d/dir", 0777);
        rename("/d/f2", "/d/f3");
        unlink("/d/victim");
    }
    printf("inside %d, refused %d, outside %d\n", inside > 0, refused > 0, outside);
    return 0;
}
