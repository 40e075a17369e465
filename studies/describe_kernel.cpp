#include <array>
#include <charconv>
#include <sstream>

#include "studies/kernel_rows.h"

namespace jevons {

namespace {

// Words of a kernel: kind, format, then name=value of each size, shortest exact numbers.
class Words {
 public:
  explicit Words(const Kernel& kernel) {
    text_ = name_of(kind_of(kernel));
    text_ += ' ';
    text_ += name_of(precision_of(kernel));
  }
  Words& add(std::string_view name, double value) {
    std::array<char, 32> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    text_ += ' ';
    text_ += name;
    text_ += '=';
    text_.append(digits.data(), end);
    return *this;
  }
  Words& add(std::string_view word) {
    text_ += ' ';
    text_ += word;
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add(Words& w, const Gemm& g) {
  w.add("m", g.m).add("n", g.n).add("k", g.k);
}

void add(Words& w, const MoeLayer& l) {
  w.add("tokens", l.tokens).add("hidden", l.hidden).add("inner", l.inner).add("top_k", l.top_k);
  w.add("experts", l.experts).add("tp", l.tp).add("ep", l.ep);
  if (l.skew > 0) w.add("skew", l.skew);
  if (l.even) w.add("even");
  if (!l.gated) w.add("ungated");
  if (l.kernel == MoeKernel::low_latency) w.add("low_latency");
}

void add(Words& w, const PrefillAttention& a) {
  w.add("batch", a.batch).add("query", a.query).add("prefix", a.prefix).add("heads", a.heads);
  w.add("kv_heads", a.kv_heads).add("head_dim", a.head_dim).add("window", a.window);
  w.add("kv").add(name_of(a.kv));
}

void add(Words& w, const DecodeAttention& a) {
  w.add("batch", a.batch).add("kv_tokens", a.kv_tokens).add("heads", a.heads);
  w.add("kv_heads", a.kv_heads).add("head_dim", a.head_dim);
  if (a.windowed) w.add("context", a.context);
}

void add(Words& w, const MlaPrefill& a) {
  w.add("batch", a.batch).add("query", a.query).add("prefix", a.prefix).add("heads", a.heads);
}

void add(Words& w, const MlaDecode& a) {
  w.add("batch", a.batch).add("kv_tokens", a.kv_tokens).add("heads", a.heads);
}

void add(Words& w, const HeadGemm& g) {
  w.add("tokens", g.tokens).add("heads", g.heads).add("in", g.in).add("out", g.out);
}

void add(Words& w, const Elementwise& e) {
  w.add("bytes", e.bytes);
}

void add(Words& w, const Collective& c) {
  w.add("bytes", c.bytes).add("gpus", c.gpus).add("per_node", c.per_node);
}

void add(Words& w, const ExpertExchange& x) {
  w.add("tokens", x.tokens).add("hidden", x.hidden).add("top_k", x.top_k);
  w.add("experts", x.experts).add("gpus", x.gpus).add("per_node", x.per_node).add("sms", x.sms);
}

void add(Words& w, const PointToPoint& p) {
  w.add("bytes", p.bytes);
  if (p.crosses_nodes) w.add("between nodes");
}

}  // namespace

std::string describe(const Kernel& kernel) {
  Words words{kernel};
  std::visit([&](const auto& k) { add(words, k); }, kernel);
  return words.take();
}

}  // namespace jevons
