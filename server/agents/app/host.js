// The host: JSON-RPC over postMessage, MCP Apps 2026-01-26.
// https://github.com/modelcontextprotocol/ext-apps/blob/main/specification/2026-01-26/apps.mdx

const HOST = window.parent,
  INITIALIZE = 1;
let context = {},
  size = "";
const send = (message) => HOST.postMessage({ jsonrpc: "2.0", ...message }, "*");
const scheme = window.matchMedia("(prefers-color-scheme: dark)");

function applyContext(changed) {
  context = { ...context, ...changed };
  const root = document.documentElement,
    theme = context.theme || (scheme.matches ? "dark" : "light");
  root.dataset.theme = theme;
  for (const [name, value] of Object.entries(context.styles?.variables || {}))
    if (/^--[a-z0-9-]+$/.test(name) && typeof value === "string") root.style.setProperty(name, value);
  const insets = context.safeAreaInsets;
  if (insets)
    document.body.style.padding = ["top", "right", "bottom", "left"]
      .map((side) => `${Number(insets[side]) || 0}px`)
      .join(" ");
}

function structured(result) {
  if (result.structuredContent) return result.structuredContent;
  try {
    return JSON.parse((result.content || []).find((part) => part.type === "text").text);
  } catch {
    return null;
  }
}

function say(message, failed = false) {
  Object.assign(shown, { answer: null, message, failed });
  render();
}

function showResult(result) {
  const answer = result.isError ? null : structured(result);
  if (answer && Array.isArray(answer.columns) && Array.isArray(answer.rows)) {
    shown.answer = answer;
    render();
    return;
  }
  const texts = (result.content || []).filter((part) => part.type === "text").map((part) => part.text);
  say(texts.join("\n") || "The answer holds nothing that can be drawn.", true);
}

const NOTICES = {
  "ui/notifications/tool-input": ({ arguments: asked = {} }) => {
    const parts = [asked.metrics, asked.dimensions].map((names) =>
      [names]
        .flat()
        .filter((name) => typeof name === "string")
        .join(", "),
    );
    if (!shown.answer) say(`Asking for ${parts.filter(Boolean).join(" by ") || "an answer"} …`);
  },
  "ui/notifications/tool-result": showResult,
  "ui/notifications/tool-cancelled": ({ reason }) => say(`The call was cancelled${reason ? `: ${reason}` : "."}`, true),
  "ui/notifications/host-context-changed": (changed) => {
    applyContext(changed);
  },
};

window.addEventListener("message", ({ source, data }) => {
  if (source !== HOST || !data || data.jsonrpc !== "2.0") return;
  if (data.method && data.id !== undefined) {
    const known = data.method === "ui/resource-teardown" || data.method === "ping";
    send(
      known
        ? { id: data.id, result: {} }
        : { id: data.id, error: { code: -32601, message: `There is no method ${data.method}.` } },
    );
  } else if (data.method) {
    if (Object.hasOwn(NOTICES, data.method)) NOTICES[data.method](data.params || {});
  } else if (data.id === INITIALIZE) {
    if (data.result) applyContext(data.result.hostContext || {});
    send({ method: "ui/notifications/initialized" });
  }
});

new ResizeObserver(() => {
  const width = document.documentElement.clientWidth;
  const height = Math.ceil(document.getElementById("main").getBoundingClientRect().bottom);
  if (width !== shown.width) {
    shown.width = width;
    shown.redraw();
  }
  if (`${width} ${height}` !== size) {
    size = `${width} ${height}`;
    send({ method: "ui/notifications/size-changed", params: { width, height } });
  }
}).observe(document.getElementById("main"));
scheme.addEventListener("change", () => applyContext({}));
applyContext({});
send({
  id: INITIALIZE,
  method: "ui/initialize",
  params: {
    appInfo: { name: "metric-cube-chart", title: "Chart of an answer", version: "1.0.0" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    protocolVersion: "2026-01-26",
  },
});
