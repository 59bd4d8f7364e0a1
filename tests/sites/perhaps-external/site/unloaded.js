script.src = "https://unpkg.com/unloaded@1/lib.js";
