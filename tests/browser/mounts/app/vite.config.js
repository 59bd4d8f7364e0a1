import vue from "@vitejs/plugin-vue";

// An inlined picture would not test its URL.
export default { plugins: [vue()], build: { assetsInlineLimit: 0 } };
