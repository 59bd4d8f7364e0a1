import { createApp } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import App from "./App.vue";
import Home from "./views/Home.vue";

const routes = [
  { path: "/", component: Home },
  { path: "/about", component: () => import("./views/About.vue") },
  { path: "/user/:name", component: () => import("./views/User.vue"), props: true },
  { path: "/:path(.*)*", component: () => import("./views/Missing.vue") },
];
const router = createRouter({ history: createWebHistory(import.meta.env.BASE_URL), routes });
createApp(App).use(router).mount("#app");
