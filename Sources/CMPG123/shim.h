#include <mpg123.h>

// mpg123_param is a macro from version 1.31 on and a function before; Swift sees the one or the other, this always.
static inline int mpg123_add_flags(mpg123_handle *handle, long flags) {
    return mpg123_param(handle, MPG123_ADD_FLAGS, flags, 0.0);
}

static inline int mpg123_remove_flags(mpg123_handle *handle, long flags) {
    return mpg123_param(handle, MPG123_REMOVE_FLAGS, flags, 0.0);
}
