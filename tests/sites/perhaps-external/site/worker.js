fetch("https://cdn.jsdelivr.net/npm/sql.js@1/dist/sql-wasm.wasm");
