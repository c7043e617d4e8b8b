// Draws a chart as SVG, with its values on hover and by arrow keys. Texts become text nodes, never markup.

const SHAPES = [
  "M0-3.4A3.4 3.4 0 1 1 0 3.4A3.4 3.4 0 1 1 0-3.4Z",
  "M-3-3H3V3H-3Z",
  "M0-4L4 3H-4Z",
  "M0-4.4L4.4 0 0 4.4-4.4 0Z",
  "M-1.2-4H1.2V-1.2H4V1.2H1.2V4H-1.2V1.2H-4V-1.2H-1.2Z",
  "M0 4L4-3H-4Z",
  "M4 0L-3-4V4Z",
  "M-4 0L3-4V4Z",
];
const SVG = "http://www.w3.org/2000/svg";
const LETTER = 6.3;

function element(name, attributes = {}, ...children) {
  const made = ["svg", "g", "path", "line", "rect", "text", "title"].includes(name)
    ? document.createElementNS(SVG, name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const colour = (series, index) => `var(--${series.rest ? "rest" : `c${index % 8}`})`;
const axisTitle = ({ title, unit }) =>
  unit && !title.toLowerCase().includes(unit.toLowerCase()) ? `${title} (${unit})` : title;

// How many letters wide a text is, and its beginning of so many; letters of Chinese, Japanese and Korean are two wide.
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const lengthOf = (text) => [...text].reduce((sum, letter) => sum + (WIDE.test(letter) ? 2 : 1), 0);
function shortened(text, most) {
  if (lengthOf(text) <= most) return text;
  let [found, length] = ["", 0];
  for (const letter of text) {
    length += lengthOf(letter);
    if (length > most - 1) break;
    found += letter;
  }
  return `${found}…`;
}

function ticksOf(low, high, count) {
  const rough = (high - low || Math.abs(high) || 1) / count,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  const from = Math.floor(low / step + 1e-9),
    to = Math.ceil(high / step - 1e-9);
  return Array.from({ length: to - from + 1 }, (_, index) => Number(((from + index) * step).toPrecision(12)));
}

// The scale of a panel: zero belongs to it, and the ends of its piles.
function scaleOf(panel, count) {
  const ends = panel.stacked
    ? panel.series[0].values.map((_, place) => panel.series.reduce((sum, each) => sum + (each.values[place] ?? 0), 0))
    : panel.series.flatMap((each) => each.values.filter((value) => value !== null));
  let ticks = ticksOf(Math.min(0, ...ends), Math.max(0, ...ends), count);
  if (!isPercent(panel.format) && ends.every(Number.isInteger)) ticks = ticks.filter(Number.isInteger);
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
  const places = Math.max(0, -Math.floor(Math.log10(isPercent(panel.format) ? step * 100 : step) + 1e-9));
  const write = (tick) => {
    const number = isPercent(panel.format) ? tick * 100 : tick;
    return number.toLocaleString("en-US", { maximumFractionDigits: places }) + (isPercent(panel.format) ? "%" : "");
  };
  return { ticks, write, low: Math.min(...ticks), high: Math.max(...ticks, Math.min(...ticks) + 1e-9) };
}

function mark(index, series, attributes) {
  return element("path", {
    d: SHAPES[index % 8],
    fill: colour(series, index),
    stroke: colour(series, index),
    ...attributes,
  });
}

function signOf(chart, series, index) {
  const square = { x: -5, y: -5, width: 10, height: 10, fill: colour(series, index) };
  const sign = chart.kind === "line" ? mark(index, series, {}) : element("rect", square);
  return element("svg", { viewBox: "-5 -5 10 10", "aria-hidden": "true" }, sign);
}

function linePanels(chart, width) {
  const { labels, moments, partial } = chart.along,
    height = chart.panels.length > 1 ? 140 : 220;
  const scales = chart.panels.map((panel) => scaleOf(panel, 4));
  const left = 14 + LETTER * Math.max(...scales.flatMap(({ ticks, write }) => ticks.map((tick) => write(tick).length)));
  const right = width - 12,
    times = moments.map((moment) => Date.parse(moment.length > 10 ? `${moment}Z` : moment));
  const column = chart.kind === "column",
    band = (right - left) / labels.length;
  const inset = moments.length ? 0 : column ? band / 2 : Math.min(24, band / 2);
  const x = (index) => {
    const share = times.length
      ? (times[index] - times[0]) / (times.at(-1) - times[0])
      : index / Math.max(labels.length - 1, 1);
    return left + inset + share * (right - left - 2 * inset);
  };
  const svg = element("svg", { "aria-hidden": "true" });
  let top = 0;
  chart.panels.forEach((panel, at) => {
    const { ticks, write, low, high } = scales[at],
      base = top + 22 + height;
    const y = (value) => base - ((value - low) / (high - low)) * height;
    svg.append(element("text", { x: 0, y: top + 10 }, axisTitle(panel)));
    for (const tick of ticks)
      svg.append(
        element("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
        element("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, write(tick)),
      );
    if (column) {
      const thick = Math.max(3, Math.min(band * 0.75, 48));
      panel.series[0].values.forEach((value, place) => {
        if (value === null) return;
        const [from, to] = [y(0), y(value)],
          tall = Math.max(Math.abs(to - from), 0.5);
        const size = { x: x(place) - thick / 2, y: Math.min(from, to), width: thick, height: tall };
        const ends = colour(panel.series[0], 0);
        const outline = thick < 9 ? {} : { stroke: ends, "stroke-dasharray": "4 3" };
        const faint = partial.includes(place) ? { "fill-opacity": 0.35, ...outline } : {};
        svg.append(element("rect", { ...size, fill: ends, ...faint }));
      });
    }
    (column ? [] : panel.series).forEach((series, index) => {
      const point = (place) => `${x(place).toFixed(1)} ${y(series.values[place]).toFixed(1)}`;
      let whole = "",
        broken = "",
        down = false;
      series.values.forEach((value, place) => {
        if (value === null) {
          down = false;
          return;
        }
        const half = partial.includes(place) || partial.includes(place - 1);
        if (down && half) broken += `M${point(place - 1)}L${point(place)}`;
        whole += `${down && !half ? "L" : "M"}${point(place)}`;
        down = true;
      });
      const line = { class: "series", stroke: colour(series, index) };
      svg.append(
        element("path", { ...line, d: whole }),
        element("path", { ...line, d: broken, "stroke-dasharray": "4 4" }),
      );
      series.values.forEach((value, place) => {
        if (value === null || (labels.length > 80 && !isAlone(series.values, place) && !partial.includes(place))) return;
        const hollow = partial.includes(place) ? { fill: "var(--ground)", "stroke-width": 1.6 } : {};
        svg.append(mark(index, series, { transform: `translate(${point(place)})`, ...hollow }));
      });
    });
    top = base + 16;
  });
  const most = Math.max(...labels.map((name) => name.length)) * LETTER + 18;
  let free = -Infinity;
  labels.forEach((name, place) => {
    const centre = Math.min(Math.max(x(place), (name.length * LETTER) / 2), width - (name.length * LETTER) / 2);
    if (x(place) - free < most) return;
    free = x(place);
    svg.append(element("text", { x: centre, y: top + 2, "text-anchor": "middle" }, name));
  });
  const nearest = (offset) =>
    labels.reduce((best, _, place) => (Math.abs(x(place) - offset) < Math.abs(x(best) - offset) ? place : best), 0);
  const here = element("line", { class: "here", y1: 22, y2: top - 16, visibility: "hidden" });
  const point = (place) => {
    here.setAttribute("x1", x(place));
    here.setAttribute("x2", x(place));
    return { x: x(place), y: 30, line: true };
  };
  svg.append(here);
  return { svg, height: top + 10, here, point, at: (offsetX) => nearest(offsetX) };
}

function barPanels(chart, width) {
  const { labels } = chart.along,
    gap = 28;
  const room = Math.min(Math.max(...labels.map(lengthOf)) * LETTER + 12, width * 0.36);
  const across = width > 560 || chart.panels.length === 1,
    panels = across ? chart.panels.length : 1;
  const share = (width - room - gap * (panels - 1)) / panels;
  const svg = element("svg", { "aria-hidden": "true" }),
    bands = [];
  let top = 0,
    height = 0;
  chart.panels.forEach((panel, at) => {
    const grouped = panel.series.length > 1 && !panel.stacked,
      thick = grouped ? 10 : 16;
    const step = grouped ? thick * panel.series.length + 10 : 24;
    const alone = panel.series.length === 1,
      { ticks, write, low, high } = scaleOf(panel, Math.max(2, Math.floor(share / 90)));
    const left = room + (across ? at * (share + gap) : 0),
      begin = (across ? 0 : top) + 20;
    const told = alone
      ? panel.series[0].values.map((value) => (value === null ? NO_VALUE : numberLabel(value, panel.format)))
      : [];
    const beside = alone ? Math.max(...told.map((text) => text.length)) * LETTER + 8 : 8;
    // The numbers of what is below nothing stand before its bars.
    const before = alone && low < 0 ? beside : 0;
    const x = (value) => left + before + ((value - low) / (high - low)) * (share - beside - before);
    const bottom = begin + step * labels.length;
    svg.append(element("text", { x: left, y: begin - 10 }, shortened(axisTitle(panel), Math.floor(share / LETTER))));
    labels.forEach((name, place) => {
      const middle = begin + step * (place + 0.5);
      if (at === 0 || !across) {
        bands.push({ top: middle - step / 2, bottom: middle + step / 2, place });
        const text = element(
          "text",
          { x: room - 10, y: middle + 4, "text-anchor": "end" },
          shortened(name, Math.floor((room - 10) / LETTER)),
        );
        svg.append(text);
      }
    });
    if (!alone)
      for (const tick of ticks)
        svg.append(
          element("line", { class: "grid", x1: x(tick), x2: x(tick), y1: begin, y2: bottom }),
          element("text", { x: x(tick), y: bottom + 14, "text-anchor": "middle" }, write(tick)),
        );
    labels.forEach((_, place) => {
      let [pile, lane] = [0, begin + step * place + (step - thick * (grouped ? panel.series.length : 1)) / 2];
      panel.series.forEach((series, index) => {
        const value = series.values[place];
        const from = x(panel.stacked ? pile : 0),
          to = value === null ? from : x((panel.stacked ? pile : 0) + value);
        if (value !== null)
          svg.append(
            element("rect", {
              x: Math.min(from, to),
              y: lane,
              width: Math.max(Math.abs(to - from), 0.5),
              height: thick - (grouped ? 1 : 0),
              fill: colour(series, index),
            }),
          );
        const outer = value < 0 ? { x: to - 5, "text-anchor": "end" } : { x: to + 5 };
        if (alone) svg.append(element("text", { ...outer, y: lane + thick - 4 }, told[place]));
        if (panel.stacked) pile += value ?? 0;
        if (grouped) lane += thick;
      });
    });
    top = bottom + (alone ? 6 : 22);
    height = Math.max(height, top);
  });
  const here = element("rect", { class: "band", x: 0, width, visibility: "hidden" });
  svg.prepend(here);
  const point = (place) => {
    const band = bands.find((each) => each.place === place);
    here.setAttribute("y", band.top);
    here.setAttribute("height", band.bottom - band.top);
    return { x: room + 20, y: band.bottom + 4 };
  };
  const at = (_, offsetY) =>
    (bands.find((band) => offsetY >= band.top && offsetY < band.bottom) ?? { place: null }).place;
  return { svg, height, here, point, at };
}

// What is told of one place, on a pointer's way or by keyboard: every series of every panel.
function told(chart, place) {
  return chart.panels.flatMap((panel) =>
    panel.series.flatMap((series, index) => {
      const value = series.values[place];
      const name = panel.series.length > 1 ? series.name : axisTitle(panel);
      return value === null && panel.series.length > 3
        ? []
        : [
            {
              name,
              index,
              series,
              several: panel.series.length > 1,
              value: value === null ? NO_VALUE : numberLabel(value, panel.format),
            },
          ];
    }),
  );
}

function drawingOf(chart, width) {
  const drawn = ["line", "column"].includes(chart.kind) ? linePanels(chart, width) : barPanels(chart, width);
  drawn.svg.setAttribute("viewBox", `0 0 ${width} ${drawn.height}`);
  drawn.svg.setAttribute("height", drawn.height);
  const tip = element("div", { class: "tip", hidden: "" }),
    names = chart.along.labels;
  const summary = `${chart.title}. ${capital(chart.kind)} chart, ${names.length} places from ${names[0]} to ${names.at(-1)}. Arrow keys tell the values.`;
  const box = element(
    "div",
    { class: "drawing", tabindex: "0", role: "application", "aria-roledescription": "chart", "aria-label": summary },
    drawn.svg,
    tip,
  );
  let current = null;
  const show = (place, aloud) => {
    current = place;
    drawn.here.setAttribute("visibility", place === null ? "hidden" : "visible");
    tip.hidden = place === null;
    if (place === null) return;
    const lines = told(chart, place),
      spot = drawn.point(place),
      scale = box.clientWidth / width || 1;
    tip.replaceChildren(
      element("b", {}, names[place]),
      ...lines.map((each) => {
        const sign = each.several ? signOf(chart, each.series, each.index) : null;
        return element("div", {}, element("span", {}, sign, each.name), element("b", {}, each.value));
      }),
    );
    const beyond = spot.x * scale + tip.offsetWidth + 20 > box.clientWidth;
    tip.style.left = `${Math.max(0, spot.line ? spot.x * scale + (beyond ? -tip.offsetWidth - 12 : 12) : Math.min(spot.x, box.clientWidth - tip.offsetWidth))}px`;
    tip.style.top = `${spot.y * scale}px`;
    if (aloud)
      document.getElementById("spoken").textContent =
        `${names[place]}: ${lines.map((each) => `${each.name} ${each.value}`).join(", ")}`;
  };
  box.addEventListener("pointermove", (event) => {
    const frame = drawn.svg.getBoundingClientRect(),
      scale = frame.width / width || 1;
    const place = drawn.at((event.clientX - frame.left) / scale, (event.clientY - frame.top) / scale);
    if (place !== current) show(place, false);
  });
  box.addEventListener("pointerleave", () => show(null, false));
  box.addEventListener("blur", () => show(null, false));
  box.addEventListener("keydown", (event) => {
    const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 },
      ends = { Home: 0, End: names.length - 1 };
    if (event.key === "Escape") show(null, false);
    else if (event.key in ends) show(ends[event.key], true);
    else if (event.key in moves)
      show(current === null ? 0 : Math.min(Math.max(current + moves[event.key], 0), names.length - 1), true);
    else return;
    event.preventDefault();
  });
  return box;
}

function legendOf(chart) {
  const panel = chart.panels.find((each) => each.series.length > 1);
  if (!panel) return null;
  const entries = panel.series.map((series, index) => element("span", {}, signOf(chart, series, index), series.name));
  return element("div", { class: "legend" }, chart.legend ? element("span", {}, `${chart.legend}:`) : null, ...entries);
}

function tilesOf(chart) {
  return element(
    "div",
    { class: "tiles" },
    ...chart.panels.map((panel) => {
      const value = panel.series[0].values[0];
      return element(
        "div",
        { class: "tile" },
        element("span", {}, panel.title),
        element("strong", {}, value === null ? NO_VALUE : numberLabel(value, panel.format)),
        element("span", {}, panel.unit),
      );
    }),
  );
}
