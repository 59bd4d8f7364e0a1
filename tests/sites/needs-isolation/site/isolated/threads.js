const memory = new WebAssembly.Memory({ initial: 1, maximum: 9, shared: true });
