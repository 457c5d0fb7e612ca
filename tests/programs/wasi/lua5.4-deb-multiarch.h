/* Debian's luaconf.h asks for it: no multiarch folders here. */
#define DEB_HOST_MULTIARCH ""
