# clang 19 makes the older instructions of this.
exceptions.CXXFLAGS := -fwasm-exceptions
exceptions.LDFLAGS := -fwasm-exceptions
