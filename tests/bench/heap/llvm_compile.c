/* llvm_compile.c: optimises (O2) and compiles one bitcode file through the LLVM C API: the work whose heap
 * calls malloc_trace.c records. */
#include <stddef.h>

#include <llvm-c/BitReader.h>
#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

int main(int argc, char **argv)
{
    static const char triple[] = "x86_64-pc-linux-gnu";
    LLVMMemoryBufferRef file, object;
    LLVMModuleRef module;
    LLVMTargetRef target;
    char *error = NULL;
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    if (argc != 2 || LLVMCreateMemoryBufferWithContentsOfFile(argv[1], &file, &error) ||
        LLVMParseBitcode2(file, &module) || LLVMGetTargetFromTriple(triple, &target, &error))
        return 1;
    LLVMTargetMachineRef machine = LLVMCreateTargetMachine(
        target, triple, "x86-64", "", LLVMCodeGenLevelDefault, LLVMRelocStatic, LLVMCodeModelSmall);
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    if (LLVMRunPasses(module, "default<O2>", machine, options) ||
        LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMObjectFile, &error, &object))
        return 1;
    LLVMDisposeMemoryBuffer(object);
    LLVMDisposePassBuilderOptions(options);
    LLVMDisposeModule(module);
    LLVMDisposeTargetMachine(machine);
    LLVMShutdown();
    return 0;
}
