import data from "./data.json";
import same from "./data.json" with { type: "json" };
import sheet from "./style.css" with { type: "css" };
