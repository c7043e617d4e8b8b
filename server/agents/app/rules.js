// From the structured content of query_metrics to a chart, by the rules of server/charts/rules.py: a test compares both.

const MOST = { series: 7, bars: 30, grouped: 60, panels: 4, buckets: 1000 };
const UNITS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];
const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86400, week: 604800 };
const MONTHS = { month: 1, quarter: 3, year: 12 };
const NONE = "(none)";
const NO_VALUE = "–";

const isPercent = (format) => typeof format === "string" && format.startsWith("percent");
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
const small = (text) => (/^.[A-Z]/.test(text) ? text : text.slice(0, 1).toLowerCase() + text.slice(1));
const joined = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
const listed = (names, most = 5) =>
  names.length > most ? `${names.slice(0, most).join(", ")} and ${names.length - most} more` : joined(names);
const unique = (values, key = JSON.stringify) => [...new Map(values.map((value) => [key(value), value])).values()];
const two = (number) => String(number).padStart(2, "0");

function numberLabel(value, format) {
  const named = /^(number|percent|currency|decimal|abbr|accounting)(?:_([0-6]))?$/.exec(format);
  const d3 = named ? null : /^\$?,?(?:\.(\d+))?~?([f%ds])$/.exec(format);
  if (["id", "link", "imageUrl"].includes(format)) return String(value);
  const kind = named ? named[1] : d3 ? { "%": "percent", s: "abbr", d: "number", f: "number" }[d3[2]] : "number";
  let decimals = named ? named[2] : d3 ? (d3[2] === "d" ? 0 : d3[1]) : undefined;
  if (decimals === undefined && ["currency", "decimal", "accounting"].includes(kind)) decimals = 2;
  if (decimals === undefined && ["percent", "abbr"].includes(kind)) decimals = 1;
  const written = (number, places) =>
    number.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  if (kind === "percent") return `${written(value * 100, +decimals)}%`;
  if (kind === "abbr") {
    for (const [size, letter] of [
      [1e12, "T"],
      [1e9, "B"],
      [1e6, "M"],
      [1e3, "K"],
    ])
      if (Math.abs(value) >= size) return (value / size).toFixed(+decimals) + letter;
    decimals = undefined;
  }
  if (kind === "accounting" && value < 0) return `(${written(-value, +decimals)})`;
  return written(value, decimals === undefined ? (Number.isInteger(value) ? 0 : 2) : +decimals);
}

function timeLabel(value, unit) {
  const moment = new Date(value.length > 10 ? `${value.replace(/Z$/, "")}Z` : value);
  if (Number.isNaN(moment.getTime())) return value;
  const [year, month] = [value.slice(0, 4), moment.getUTCMonth()];
  if (unit === "year") return year;
  if (unit === "quarter") return `${year}-Q${Math.floor(month / 3) + 1}`;
  if (unit === "month") return value.slice(0, 7);
  if (unit === "week") {
    const thursday = new Date(moment.getTime() + (3 - ((moment.getUTCDay() + 6) % 7)) * 864e5);
    const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
    return `${thursday.getUTCFullYear()}-W${two(Math.floor((thursday.getTime() - first) / 6048e5) + 1)}`;
  }
  return value.length > 10 ? value.slice(0, unit === "second" ? 19 : 16).replace("T", " ") : value;
}

function label(column, value) {
  if (value === null || value === undefined) return { key: "", measure: NO_VALUE }[column.role] ?? NONE;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (column.type === "time" || column.type === "date") return timeLabel(String(value), column.granularity);
  if (typeof value === "number") return column.role === "key" ? String(value) : numberLabel(value, column.format);
  return String(value);
}

function bucketsBetween(moments, unit) {
  const known = [...new Set(moments)].sort();
  if (!UNITS.includes(unit)) return [known, false];
  const days = known[0].length === 10;
  const read = (text) => new Date(days ? text : `${text}Z`);
  const found = [];
  for (let at = read(known[0]); at <= read(known.at(-1)) && found.length <= MOST.buckets;) {
    found.push(at.toISOString().slice(0, days ? 10 : 19));
    at = new Date(at);
    if (MONTHS[unit]) at.setUTCMonth(at.getUTCMonth() + MONTHS[unit]);
    else at.setTime(at.getTime() + SECONDS[unit] * 1000);
  }
  return known.every((moment) => found.includes(moment)) ? [found, true] : [known, false];
}

function dimensionsOf(columns) {
  const keyOf = new Map();
  columns.forEach((column) => {
    const key = columns.findIndex((other) => other.role === "key" && other.name === `${column.name}_id`);
    if (column.role === "dimension" && key >= 0) keyOf.set(column.name, key);
  });
  return columns.flatMap((column, index) => {
    if (column.role === "measure" || [...keyOf.values()].includes(index)) return [];
    const key = keyOf.get(column.name);
    const place = (row) => [key === undefined ? null : row[key], row[index]];
    const labels = (places) => {
      const names = places.map(([, value]) => (value === null ? NONE : label(column, value) || "(empty)"));
      const counts = new Map();
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
      return names.map((name, at) => {
        const [key, value] = places[at];
        if (counts.get(name) === 1) return name;
        return key !== null ? `${name} (#${key})` : value === null ? name : `${name} (${value})`;
      });
    };
    const isTime = column.type === "time" || column.type === "date";
    const coarse = column.granularity ? (UNITS.indexOf(column.granularity) + 9) % 9 : -1;
    return [
      {
        column,
        index,
        place,
        labels,
        isTime,
        coarse,
        title: column.title || column.name,
        places: (rows) => unique(rows.map(place)),
      },
    ];
  });
}

function measuresOf(columns) {
  return columns.flatMap((column, index) => {
    if (column.role !== "measure") return [];
    const match = /^(.+)\.(previous|delta|percent)(?:_\d+)?$/.exec(column.name);
    const compared = match && columns.some((other) => other.name === match[1]) ? match[2] : null;
    const values = (rows) => rows.map((row) => row[index]).filter((value) => value !== null);
    const isShare = isPercent(column.format);
    return [
      {
        column,
        index,
        compared,
        values,
        isShare,
        title: column.title || column.name,
        isNumber: column.type === "number",
        scale: isShare ? "%" : column.unit || `only ${column.name}`,
        addsUp: (rows) => Boolean(column.additive) && values(rows).every((value) => value >= 0),
      },
    ];
  });
}

function titleOf(measures, dimensions) {
  const titles = measures.filter((each) => !each.compared).map((each) => each.title);
  const what = joined([...titles.slice(0, 1), ...titles.slice(1).map(small)]);
  const names = dimensions.map(({ column }) => {
    const owners = column.name.split("."),
      name = owners.pop();
    return owners.length && name === column.granularity ? `${name} of ${owners.at(-1)}` : name.replaceAll("_", " ");
  });
  return names.length ? `${what} by ${joined(names)}` : what;
}

function subtitleOf(answer, title) {
  const sentence = answer.explanation || "";
  return sentence.startsWith(title) ? capital(sentence.slice(title.length).replace(/^[,. ]+/, "")) : sentence;
}

function sourceOf(answer) {
  const parts = answer.model ? [`${answer.model.name} ${answer.model.release}`.trim()] : [];
  for (const [source, state] of Object.entries(answer.freshness || {})) {
    if (!state || !state.as_of) continue;
    const moment = new Date(state.as_of);
    if (!Number.isNaN(moment.getTime()))
      parts.push(`${source} as of ${moment.toISOString().slice(0, 16).replace("T", " ")} UTC`);
  }
  return parts.join(" · ");
}

function byScale(measures) {
  const scales = new Map();
  for (const each of measures) scales.set(each.scale, [...(scales.get(each.scale) || []), each]);
  return [...scales.values()];
}

function panelOf(scale, series, stacked = false) {
  const { column, title, isShare } = scale[0];
  const format = column.format ?? null;
  if (scale.length === 1) return { title, unit: column.unit || "", format, series, stacked };
  return { title: capital(isShare ? "share" : column.unit || ""), unit: "", format, series, stacked };
}

// The combinations of dimensions that get a series of their own: the highest by sum where that means something, else by value.
function groupsOf(rows, dimensions, measure) {
  const group = (row) => JSON.stringify(dimensions.map((each) => each.place(row)));
  const adds = measure.addsUp(rows),
    weights = new Map();
  for (const row of rows) {
    const key = group(row),
      value = row[measure.index] ?? 0,
      before = weights.get(key);
    weights.set(key, before === undefined ? value : adds ? before + value : Math.max(before, value));
  }
  const ranked = [...weights.keys()].sort((one, other) => weights.get(other) - weights.get(one));
  const shown = ranked.slice(0, MOST.series + (ranked.length === MOST.series + 1));
  const labels = dimensions.map((each, at) => {
    const places = unique(ranked.map((key) => JSON.parse(key)[at])),
      names = each.labels(places);
    return new Map(places.map((place, index) => [JSON.stringify(place), names[index]]));
  });
  const name = (key) =>
    JSON.parse(key)
      .map((place, at) => labels[at].get(JSON.stringify(place)))
      .join(" · ");
  const leftOut = ranked.slice(shown.length).map(name);
  const series = (which, along, places, withRest) => {
    const values = new Map(),
      rest = new Map();
    for (const row of rows) {
      const key = group(row),
        place = JSON.stringify(along.place(row)),
        value = row[which.index];
      if (shown.includes(key)) values.set(key + place, value);
      else if (value !== null) rest.set(place, (rest.get(place) ?? 0) + value);
    }
    const keys = places.map((place) => JSON.stringify(place));
    const found = shown.map((key) => ({
      name: name(key),
      values: keys.map((place) => values.get(key + place) ?? null),
      rest: false,
    }));
    if (withRest && leftOut.length)
      found.push({ name: `${leftOut.length} more`, values: keys.map((place) => rest.get(place) ?? null), rest: true });
    return found;
  };
  return { shown, leftOut, series };
}

// Values that have none beside them, which a line would not show; most are so where a chart becomes columns.
const isAlone = (values, place) =>
  values[place] !== null && (values[place - 1] ?? null) === null && (values[place + 1] ?? null) === null;

function isScattered(panels) {
  if (panels.some((panel) => panel.series.length > 1)) return false;
  const all = panels.map((panel) => panel.series[0].values);
  const alone = all.flatMap((values) => values.filter((_, place) => isAlone(values, place)));
  return 2 * alone.length > all.flat().filter((value) => value !== null).length;
}

function whyNothing(rows, measures, dimensions) {
  const numbers = measures.filter((each) => each.isNumber);
  if (!rows.length) return "There are no rows to draw.";
  if (!numbers.length) return "There is nothing to draw: only metrics that are numbers can be.";
  if (!numbers.some((each) => each.values(rows).length)) return "There is nothing to draw: every value is empty.";
  if (unique(rows, (row) => JSON.stringify(dimensions.map((each) => each.place(row)))).length < rows.length)
    return "There is nothing to draw: these are single rows, not groups.";
  return null;
}

function chartOf(answer) {
  const rows = answer.rows,
    dimensions = dimensionsOf(answer.columns),
    all = measuresOf(answer.columns);
  const notes = [],
    source = sourceOf(answer);
  const reason = whyNothing(rows, all, dimensions);
  if (reason)
    return {
      kind: "nothing",
      title: reason,
      subtitle: answer.explanation || "",
      along: null,
      legend: "",
      panels: [],
      notes,
      source,
    };
  const title = titleOf(all, dimensions);
  const measures = all.filter((each) => each.isNumber && !(dimensions.length && each.compared === "delta"));
  const texts = all.filter((each) => !each.isNumber).map((each) => each.title);
  if (texts.length) notes.push(`Not drawn, for being no number: ${listed(texts)}.`);
  const titles = (which) => which.map((each) => each.title).join(", ");
  const done = (kind, along, others, panels) => ({
    kind,
    title,
    subtitle: subtitleOf(answer, title),
    along,
    legend: titles(others),
    panels,
    notes,
    source,
  });
  if (!dimensions.length)
    return done(
      "number",
      null,
      [],
      measures.map((each) => panelOf([each], [{ name: each.title, values: [rows[0][each.index]], rest: false }])),
    );

  const several = dimensions.filter((each) => each.places(rows).length > 1);
  const varying = several.length ? several : dimensions.slice(0, 1);
  for (const each of dimensions)
    if (!varying.includes(each)) notes.push(`${each.title} is ${each.labels(each.places(rows))[0]} throughout.`);
  const total = answer.total_rows;
  if ((total ?? 0) > rows.length || answer.next_cursor || answer.cut || answer.query?.offset) {
    const told = total
      ? `The answer holds ${rows.length} of ${total} rows`
      : `The answer holds ${rows.length} of more rows`;
    notes.push(varying.length > 1 ? `${told}, so values may be missing here.` : `${told}.`);
  }

  function panels(kept, along, places, others, stacked) {
    const scales = others.length ? measures.map((each) => [each]) : byScale(measures);
    const drawn = scales.slice(0, MOST.panels);
    const beyond = [...drawn.flatMap((scale) => scale.slice(MOST.series)), ...scales.slice(MOST.panels).flat()];
    if (beyond.length) notes.push(`Not drawn, for want of room: ${listed(beyond.map((each) => each.title))}.`);
    if (!others.length)
      return drawn.map((scale) =>
        panelOf(
          scale,
          scale.slice(0, MOST.series).map((each) => {
            const values = new Map(kept.map((row) => [JSON.stringify(along.place(row)), row[each.index]]));
            return {
              name: each.title,
              values: places.map((place) => values.get(JSON.stringify(place)) ?? null),
              rest: false,
            };
          }),
        ),
      );
    const groups = groupsOf(kept, others, measures[0]);
    const piled = drawn.map(([measure]) => stacked && measure.addsUp(kept)),
      whole = piled.every(Boolean);
    if (groups.leftOut.length) {
      const which = `${titles(others)}: the highest ${groups.shown.length} of ${groups.shown.length + groups.leftOut.length}`;
      notes.push(which + (whole ? " are told apart, the others are one series." : " are drawn."));
      if (!whole) notes.push(`Left out: ${listed(groups.leftOut)}.`);
    }
    return drawn.map(([measure], at) =>
      panelOf([measure], groups.series(measure, along, places, piled[at]), piled[at]),
    );
  }

  const time = varying.filter((each) => each.isTime).sort((one, other) => one.coarse - other.coarse)[0];
  if (time && time.places(rows).filter(([, moment]) => moment !== null).length > 1) {
    const dated = rows.filter((row) => row[time.index] !== null),
      others = varying.filter((each) => each !== time);
    if (dated.length < rows.length) notes.push(`Rows without a time are not drawn (${time.title}).`);
    const [moments, regular] = bucketsBetween(
      dated.map((row) => row[time.index]),
      time.column.granularity,
    );
    const found = panels(
      dated,
      time,
      moments.map((moment) => [null, moment]),
      others,
      false,
    );
    const kind = regular && isScattered(found) ? "column" : "line";
    if (kind === "line" && regular && found.some((panel) => panel.series.some((each) => each.values.includes(null))))
      notes.push("A line breaks where there is no value.");
    const labels = moments.map((moment) => label(time.column, moment));
    const covered = new Map(
      (answer.partial || []).filter((each) => each.column === time.column.name).map((each) => [each.period, each]),
    );
    const partial = labels.flatMap((name, index) => (covered.has(name) ? [index] : []));
    for (const index of partial) {
      const each = covered.get(labels[index]);
      const told = each.covered ? `is partial: ${each.covered} of ${each.of} ${each.unit}` : "lies in the future";
      notes.push(`${each.period} ${told}.`);
    }
    return done(kind, { title: time.title, labels, moments: regular ? [] : moments, partial }, others, found);
  }

  const counts = varying.map((each) => each.places(rows).length);
  const axis = varying[counts.indexOf(Math.max(...counts))],
    others = varying.filter((each) => each !== axis);
  let places = axis.places(rows),
    most = MOST.bars;
  const [ordered, direction] = answer.query?.order?.[0] ?? ["", ""];
  if (others.length && ordered === measures[0].column.name && measures[0].addsUp(rows)) {
    const sums = new Map();
    for (const row of rows) {
      const key = JSON.stringify(axis.place(row));
      sums.set(key, (sums.get(key) ?? 0) + (row[measures[0].index] ?? 0));
    }
    const sign = direction === "desc" ? -1 : 1,
      sum = (place) => sums.get(JSON.stringify(place));
    places = [...places].sort((one, other) => sign * (sum(one) - sum(other)));
  }
  if (!others.length || !measures.every((each) => each.addsUp(rows))) {
    const beside = others.length
      ? unique(rows.map((row) => others.map((each) => each.place(row)))).length
      : Math.max(...byScale(measures).map((scale) => scale.length));
    most = Math.min(MOST.bars, Math.max(Math.floor(MOST.grouped / Math.min(beside, MOST.series)), 1));
  }
  const first = places.slice(0, most),
    shown = new Set(first.map((place) => JSON.stringify(place)));
  if (first.length < places.length) notes.push(`${axis.title}: the first ${most} of ${places.length} are drawn.`);
  const kept = rows.filter((row) => shown.has(JSON.stringify(axis.place(row))));
  const found = panels(kept, axis, first, others, true);
  return done(
    "bar",
    { title: axis.title, labels: axis.labels(places).slice(0, most), moments: [], partial: [] },
    others,
    found,
  );
}
