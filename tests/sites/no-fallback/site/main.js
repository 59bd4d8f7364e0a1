import { go } from "./router.js"; go("/");
