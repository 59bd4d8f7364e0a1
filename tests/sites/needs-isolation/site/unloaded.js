const flags = new SharedArrayBuffer(4);
