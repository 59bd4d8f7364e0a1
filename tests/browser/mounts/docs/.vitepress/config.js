export default {
  title: "Small docs",
  themeConfig: {
    nav: [{ text: "Home", link: "/" }, { text: "Guide", link: "/guide/" }],
    sidebar: [
      { text: "Guide", link: "/guide/" },
      { text: "Markdown", link: "/guide/markdown" },
      { text: "Lanterns", link: "/lanterns" },
    ],
    search: { provider: "local" },
  },
};
