/* llvm_link.cpp: objects into memory, by ORC and JITLink with our pages. C++ because JITLink's memory manager
 * and passes have no C interface (docs/decisions/0005-object-linking.md).
 *
 * ORC only sees finished objects: code generation runs before, outside its locks. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "heap.h"
}

#include <cstring>
#include <memory>
#include <string>

#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/ExecutionEngine/JITLink/x86_64.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/ExecutionEngine/Orc/ExecutorProcessControl.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"

using namespace llvm;
using namespace llvm::orc;

static Error failure(const char *text)
{
    return make_error<StringError>(text, inconvertibleErrorCode());
}

static void free_spans(struct llvm_object *o)
{
    for (auto &s : o->spans) {
        if (s.p)
            rt_arena_free(s.p, s.bytes);
        s.p = nullptr;
    }
}

/* Gives each object one range of code and one of read-only data. The object that is being linked is
 * `current`; its struct keeps the ranges, so that they can be freed even when the session is gone. */
class ArenaMemory : public jitlink::JITLinkMemoryManager
{
  public:
    struct llvm_object *current = nullptr;
    bool full = false;

    void allocate(const jitlink::JITLinkDylib *, jitlink::LinkGraph &g, OnAllocatedFunction done) override
    {
        jitlink::BasicLayout layout(g);
        if (Error e = place(layout))
            return done(std::move(e));
        if (Error e = layout.apply())
            return done(std::move(e));
        done(std::make_unique<InFlight>(current));
    }

    /* The ranges belong to struct llvm_object, which llvm_link_remove() frees. */
    void deallocate(std::vector<FinalizedAlloc> allocs, OnDeallocatedFunction done) override
    {
        for (auto &a : allocs)
            a.release();
        done(Error::success());
    }

  private:
    class InFlight : public InFlightAlloc
    {
      public:
        explicit InFlight(struct llvm_object *o) : object(o) {}
        void abandon(OnAbandonedFunction done) override
        {
            done(Error::success());
        }
        void finalize(OnFinalizedFunction done) override
        {
            for (auto &s : object->spans) {
                if (s.p && rt_arena_seal(s.p, s.bytes) != ST_OK)
                    return done(failure("code could not be made executable"));
            }
            done(FinalizedAlloc(ExecutorAddr::fromPtr(object)));
        }

      private:
        struct llvm_object *object;
    };

    Error place(jitlink::BasicLayout &layout)
    {
        for (auto &entry : layout.segments()) {
            auto &segment = entry.second;
            auto prot = entry.first.getMemProt();
            if ((prot & MemProt::Write) != MemProt::None)
                return failure("an object has writable data");
            auto kind = (prot & MemProt::Exec) != MemProt::None ? RT_ARENA_CODE : RT_ARENA_DATA;
            struct llvm_span &span = current->spans[kind];
            size_t bytes = segment.ContentSize + segment.ZeroFillSize;
            if (bytes == 0)
                continue;
            if (span.p || segment.Alignment.value() > PLAT_PAGE_BYTES)
                return failure("an object has an unexpected shape");
            span.p = rt_arena_alloc(kind, bytes);
            if (!span.p) {
                full = true;
                return failure("the arena for compiled code is full");
            }
            span.bytes = bytes;
            segment.Addr = ExecutorAddr::fromPtr(span.p);
            segment.WorkingMem = static_cast<char *>(span.p);
        }
        return Error::success();
    }

    static constexpr size_t PLAT_PAGE_BYTES = 4096;
};

/* Branches to helpers reach them directly (everything is below 2 GiB): no stubs. Notes where functions end
 * up. */
class UnitPlugin : public ObjectLinkingLayer::Plugin
{
  public:
    struct llvm_object *current = nullptr;

    void modifyPassConfig(MaterializationResponsibility &, jitlink::LinkGraph &,
                          jitlink::PassConfiguration &c) override
    {
        c.PrePrunePasses.push_back(make_branches_direct);
        c.PostFixupPasses.push_back([this](jitlink::LinkGraph &g) { return note_functions(g); });
    }
    Error notifyFailed(MaterializationResponsibility &) override
    {
        return Error::success();
    }
    Error notifyRemovingResources(JITDylib &, ResourceKey) override
    {
        return Error::success();
    }
    void notifyTransferringResources(JITDylib &, ResourceKey, ResourceKey) override {}

  private:
    static Error make_branches_direct(jitlink::LinkGraph &g)
    {
        for (auto *block : g.blocks()) {
            for (auto &e : block->edges()) {
                if (e.getKind() == jitlink::x86_64::BranchPCRel32)
                    e.setKind(jitlink::x86_64::PCRel32);
            }
        }
        return Error::success();
    }

    Error note_functions(jitlink::LinkGraph &g)
    {
        for (auto *s : g.defined_symbols()) {
            if (!s->isCallable() || !s->hasName() || s->getSize() == 0)
                continue;
            if (!note(s->getName(), s->getAddress().getValue(), s->getSize()))
                return failure("out of memory");
        }
        return Error::success();
    }

    bool note(StringRef name, uintptr_t start, size_t bytes)
    {
        struct llvm_object *o = current;
        if (o->nsymbols == o->symbols_cap) {
            u32 cap = o->symbols_cap ? o->symbols_cap * 2 : 8;
            void *more = heap_realloc(o->symbols, cap * sizeof *o->symbols);
            if (!more)
                return false;
            o->symbols = static_cast<struct llvm_symbol *>(more);
            o->symbols_cap = cap;
        }
        struct llvm_symbol *s = &o->symbols[o->nsymbols++];
        size_t n = std::min(name.size(), sizeof s->name - 1);
        memcpy(s->name, name.data(), n);
        s->name[n] = 0;
        s->start = start;
        s->bytes = bytes;
        return true;
    }
};

struct llvm_session {
    ArenaMemory memory;
    std::shared_ptr<UnitPlugin> plugin = std::make_shared<UnitPlugin>();
    ExecutionSession es;
    ObjectLinkingLayer layer;
    JITDylib &dylib;

    llvm_session()
        : es(std::make_unique<UnsupportedExecutorProcessControl>(nullptr, nullptr, "x86_64-unknown-linux-gnu",
                                                                 4096)),
          layer(es, memory), dylib(es.createBareJITDylib("code"))
    {
        es.setErrorReporter(
            [](Error e) { consumeError(std::move(e)); }); /* they come back from lookup as well */
        layer.addPlugin(plugin);
    }
    ~llvm_session()
    {
        consumeError(es.endSession());
    }

    Error define_symbols()
    {
        SymbolMap map;
        for (const struct rt_symbol *s = rt_symbols; s->name; s++)
            map[es.intern(s->name)] = {ExecutorAddr(s->address), JITSymbolFlags::Exported};
        return dylib.define(absoluteSymbols(std::move(map)));
    }

    Error link(std::unique_ptr<MemoryBuffer> object, const char *name, ResourceTrackerSP tracker)
    {
        if (Error e = layer.add(std::move(tracker), std::move(object)))
            return e;
        auto order = makeJITDylibSearchOrder(&dylib, JITDylibLookupFlags::MatchAllSymbols);
        return es.lookup(order, es.intern(name)).takeError();
    }
};

struct llvm_session *llvm_session_create(void)
{
    auto *s = new llvm_session;
    if (Error e = s->define_symbols()) {
        consumeError(std::move(e));
        delete s;
        return nullptr;
    }
    return s;
}

void llvm_session_destroy(struct llvm_session *s)
{
    delete s;
}

bool llvm_link_add(struct llvm_session *s, LLVMMemoryBufferRef object, const char *name,
                   struct llvm_object *o, bool *full)
{
    ResourceTrackerSP tracker = s->dylib.createResourceTracker();
    s->memory.current = s->plugin->current = o;
    s->memory.full = false;
    Error e = s->link(std::unique_ptr<MemoryBuffer>(unwrap(object)), name, tracker);
    *full = s->memory.full;
    o->session = s;
    if (!e) {
        o->tracker = tracker.get();
        tracker->Retain();
        return true;
    }
    std::string text = toString(std::move(e));
    size_t n = std::min(text.size(), sizeof o->error - 1);
    memcpy(o->error, text.c_str(), n);
    o->error[n] = 0;
    consumeError(tracker->remove());
    free_spans(o);
    return false;
}

void llvm_link_remove(struct llvm_session *s, struct llvm_object *o)
{
    if (o->tracker && o->session == s) {
        auto *tracker = static_cast<ResourceTracker *>(o->tracker);
        consumeError(tracker->remove());
        tracker->Release();
    }
    o->tracker = nullptr;
    free_spans(o);
}
