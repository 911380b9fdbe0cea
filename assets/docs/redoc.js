const fonts = "system-ui, sans-serif";
Redoc.init(
  "openapi.json",
  {
    expandResponses: "200,201",
    theme: {
      typography: { fontFamily: fonts, headings: { fontFamily: fonts }, code: { fontFamily: "ui-monospace, monospace" } },
    },
  },
  document.getElementById("page"),
);
