const memory = new WebAssembly.Memory({
  initial: 256, maximum: 16384, shared: true,
});
