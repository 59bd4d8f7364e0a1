import { a } from "./lib/a.mjs";
import b from "./lib/b.mjs";
import react from "react";
export * from "https://cdn.example.com/x.js";
const page = () => import("./pages/home.js");
