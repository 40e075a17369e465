#pragma once
// Plain values as bytes and back, for checkpoints that are read by the same program on the same
// kind of machine. A struct that holds more than plain numbers has
//
//   template <class Archive>
//   void archive(Archive& a) { a(first, second); }
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/event_queue.h"

namespace jevons {

// Bytes that end too early or say a size that cannot be: they were not written by us.
class BadArchive : public std::runtime_error {
 public:
  BadArchive() : std::runtime_error{"a checkpoint that is whole"} {}
};

template <class T, class Archive>
concept Archived = requires(T& value, Archive& a) {
  value.archive(a);
};

class ByteWriter {
 public:
  template <class... Ts>
  void operator()(Ts&... values) {
    (put(values), ...);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void raw(const void* from, std::size_t size) {
    bytes_.append(static_cast<const char*>(from), size);
  }
  template <class T>
  void put(T& value) {
    if constexpr (Archived<T, ByteWriter>) {
      value.archive(*this);
    } else {
      static_assert(std::is_trivially_copyable_v<T>, "a value that is not plain has archive()");
      raw(&value, sizeof value);
    }
  }
  template <class T>
  void put(std::vector<T>& list) {
    put_size(list.size());
    if constexpr (std::is_trivially_copyable_v<T> && !Archived<T, ByteWriter>)
      raw(list.data(), list.size() * sizeof(T));
    else
      for (T& item : list) put(item);
  }
  void put(std::string& text) {
    put_size(text.size());
    raw(text.data(), text.size());
  }
  template <class T>
  void put(std::deque<T>& list) {
    put_size(list.size());
    for (T& item : list) put(item);
  }
  template <class T>
  void put(std::optional<T>& value) {
    put_size(value ? 1 : 0);
    if (value) put(*value);
  }
  template <class A, class B>
  void put(std::pair<A, B>& both) {
    put(both.first);
    put(both.second);
  }
  template <class... Ts>
  void put(std::tuple<Ts...>& all) {
    std::apply(*this, all);
  }
  template <class T>
  void put(std::set<T>& all) {
    put_size(all.size());
    for (T item : all) put(item);
  }
  template <class K, class V>
  void put(std::map<K, V>& all) {
    put_size(all.size());
    for (auto& [key, value] : all) {
      K copy = key;
      put(copy);
      put(value);
    }
  }
  template <class Event>
  void put(EventQueue<Event>& queue) {
    auto all = queue.snapshot();
    (*this)(all.now, all.next_sequence, all.pending);
  }
  void put_size(std::size_t size) {
    const std::uint64_t n = size;
    raw(&n, sizeof n);
  }

  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_{bytes} {}
  template <class... Ts>
  void operator()(Ts&... values) {
    (get(values), ...);
  }
  [[nodiscard]] bool is_at_end() const { return left_.empty(); }

 private:
  void raw(void* to, std::size_t size) {
    if (size > left_.size()) throw BadArchive{};
    if (size > 0) std::memcpy(to, left_.data(), size);
    left_.remove_prefix(size);
  }
  template <class T>
  void get(T& value) {
    if constexpr (Archived<T, ByteReader>)
      value.archive(*this);
    else
      raw(&value, sizeof value);
  }
  template <class T>
  void get(std::vector<T>& list) {
    list.assign(size(), T{});
    if constexpr (std::is_trivially_copyable_v<T> && !Archived<T, ByteReader>)
      raw(list.data(), list.size() * sizeof(T));
    else
      for (T& item : list) get(item);
  }
  void get(std::string& text) {
    text.assign(size(), '\0');
    raw(text.data(), text.size());
  }
  template <class T>
  void get(std::deque<T>& list) {
    list.assign(size(), T{});
    for (T& item : list) get(item);
  }
  template <class T>
  void get(std::optional<T>& value) {
    value.reset();
    if (size() == 0) return;
    get(value.emplace());
  }
  template <class A, class B>
  void get(std::pair<A, B>& both) {
    get(both.first);
    get(both.second);
  }
  template <class... Ts>
  void get(std::tuple<Ts...>& all) {
    std::apply(*this, all);
  }
  template <class T>
  void get(std::set<T>& all) {
    all.clear();
    for (std::size_t n = size(); n > 0; --n) {
      T item{};
      get(item);
      all.insert(all.end(), std::move(item));
    }
  }
  template <class K, class V>
  void get(std::map<K, V>& all) {
    all.clear();
    for (std::size_t n = size(); n > 0; --n) {
      K key{};
      get(key);
      get(all[std::move(key)]);
    }
  }
  template <class Event>
  void get(EventQueue<Event>& queue) {
    typename EventQueue<Event>::Snapshot all;
    (*this)(all.now, all.next_sequence, all.pending);
    queue = EventQueue<Event>{all};
  }
  std::size_t size() {
    std::uint64_t n = 0;
    raw(&n, sizeof n);
    if (n > (std::uint64_t{1} << 40)) throw BadArchive{};
    return n;
  }

  std::string_view left_;
};

}  // namespace jevons
