// The page: title, drawing, table and notes of one answer, or a message in their place.

// The rows as they came; a click on a header sorts by it, another one the other way round. Nothing is always last.
function tableOf(answer) {
  const { columns } = answer,
    body = element("tbody"),
    numbers = columns.map((column) => column.type === "number" && column.role !== "key");
  let sorted = { index: -1, sign: 1 };
  const fill = (rows) =>
    body.replaceChildren(
      ...rows.map((row) =>
        element(
          "tr",
          {},
          ...columns.map((column, index) =>
            element(
              "td",
              {
                class: numbers[index] ? "number" : null,
                title: column.role === "measure" && row[index] === null ? "no value" : null,
              },
              label(column, row[index]),
            ),
          ),
        ),
      ),
    );
  const order = (one, other) => {
    const [a, b] = [one[sorted.index], other[sorted.index]];
    if (a === null || b === null) return (a === null) - (b === null);
    return sorted.sign * (typeof a === "string" ? a.localeCompare(b) : a - b);
  };
  const heads = columns.map((column, index) => {
    const button = element("button", { type: "button", title: column.unit }, column.title || column.name);
    button.addEventListener("click", () => {
      sorted = { index, sign: sorted.index === index ? -sorted.sign : numbers[index] ? -1 : 1 };
      heads.forEach((head) => head.removeAttribute("aria-sort"));
      heads[index].setAttribute("aria-sort", sorted.sign > 0 ? "ascending" : "descending");
      fill([...answer.rows].sort(order));
    });
    return element("th", { scope: "col", class: numbers[index] ? "number" : null }, button);
  });
  fill(answer.rows);
  const { totals } = answer,
    named = columns.findIndex((column) => column.role === "dimension" || column.role === "time");
  const foot =
    totals &&
    element(
      "tfoot",
      {},
      element(
        "tr",
        {},
        ...columns.map((column, index) =>
          element(
            "td",
            { class: numbers[index] ? "number" : null },
            column.name in totals ? label(column, totals[column.name]) : index === named ? "Total" : "",
          ),
        ),
      ),
    );
  const table = element(
    "table",
    {},
    element("caption", { class: "unseen" }, answer.explanation || "The rows of the answer"),
    element("thead", {}, element("tr", {}, ...heads)),
    body,
    foot || null,
  );
  return element("section", { class: "table", tabindex: "0", "aria-label": "Rows" }, table);
}

// What is shown at the moment. Only the drawing is made anew when the width changes: the table keeps its order.
const shown = { answer: null, message: "", failed: false, width: 0, redraw: () => {} };

function render() {
  const main = document.getElementById("main");
  Object.assign(shown, { width: document.documentElement.clientWidth, redraw: () => {} });
  if (!shown.answer) {
    main.className = "";
    main.replaceChildren(
      element(
        "section",
        { id: "chart" },
        element("p", { class: shown.failed ? "failed" : null, role: shown.failed ? "alert" : null }, shown.message),
      ),
    );
    return;
  }
  const answer = shown.answer,
    chart = chartOf(answer),
    drawable = ["line", "column", "bar"].includes(chart.kind);
  main.className = drawable ? "both" : "";
  const section = element(
    "section",
    { id: "chart" },
    element("h1", {}, chart.title),
    chart.subtitle ? element("p", {}, chart.subtitle) : null,
  );
  const rows = answer.rows.length && chart.kind !== "number" ? tableOf(answer) : null;
  main.replaceChildren(section, ...(rows ? [rows] : []));
  if (chart.kind === "number") section.append(tilesOf(chart));
  if (drawable) {
    const legend = legendOf(chart);
    if (legend) section.append(legend);
    const drawing = () => drawingOf(chart, Math.max(280, section.clientWidth));
    section.append(drawing());
    shown.redraw = () => section.querySelector(".drawing").replaceWith(drawing());
  }
  // How many rows there are is said once.
  const counted = chart.notes.some((note) => note.startsWith("The answer holds"));
  const told = (answer.notes || []).filter((note) => !counted || !/^[\d,]+ of [\d,]+ rows are shown/.test(note));
  const words = new Set([...chart.notes, ...told, chart.source].filter(Boolean));
  section.append(element("ul", { class: "notes" }, ...[...words].map((note) => element("li", {}, note))));
}
