// Not "https://unpkg.com/comment@1/lib.js".
const text = "see https://unpkg.com/text@1/lib.js";
script.src = "https://unpkg.com/mermaid@11/dist/mermaid.min.js";
new Worker(new URL("./worker.js", import.meta.url));
