const has = typeof SharedArrayBuffer !== "undefined";
const flags = has ? new SharedArrayBuffer(4) : new ArrayBuffer(4);
