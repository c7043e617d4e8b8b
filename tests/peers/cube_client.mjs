// Asks a server through Cube's own client and prints what it makes of the answers, as one JSON object.
// node cube_client.mjs URL FIRST_DAY LAST_DAY
import cube, { ResultSet } from "@cubejs-client/core";

const [url, first, last] = process.argv.slice(2);
const api = cube("", { apiUrl: `${url}/cubejs-api/v1` });
const byMonth = { dimension: "testing.end_at", granularity: "month", dateRange: [first, last] };
const found = {};

const series = await api.load({ measures: ["testing.bug_count"], timeDimensions: [byMonth] });
found.series = series.series();
found.chart = series.chartPivot();
found.query = series.query();
found.deserialized = ResultSet.deserialize(series.serialize()).chartPivot();

const pivoted = await api.load({
  measures: ["testing.bug_count"],
  dimensions: ["testing.severity"],
  timeDimensions: [byMonth],
});
found.pivoted = pivoted.tablePivot({ x: ["testing.end_at.month"], y: ["testing.severity", "measures"] });
found.columns = pivoted.tableColumns();
found.names = pivoted.seriesNames();

const filtered = await api.load(
  {
    measures: ["testing.bug_count", "testing.active_acceptance_rate"],
    dimensions: ["testing.severity"],
    filters: [
      { member: "testing.status", operator: "notEquals", values: ["rejected"] },
      { or: [
        { member: "testing.severity", operator: "equals", values: ["critical"] },
        { member: "testing.severity", operator: "startsWith", values: ["lo"] },
      ] },
    ],
    order: { "testing.severity": "desc" },
  },
  { castNumerics: true },
);
found.filtered = filtered.rawData();

const features = await api.load({ measures: ["testing.bug_count"], dimensions: ["testing.feature"], limit: 3, offset: 1, total: true });
found.features = features.tablePivot();
found.total = features.totalRows();
for (const layout of ["compact", "columnar"]) {
  const same = await api.load({ measures: ["testing.bug_count"], dimensions: ["testing.severity"] }, {}, undefined, layout);
  found[layout] = same.tablePivot();
}
// Long queries are sent by POST.
const many = { member: "testing.severity", operator: "equals", values: ["critical", ...Array(300).fill("high")] };
found.posted = (await api.load({ measures: ["testing.bug_count"], filters: [many] })).tablePivot();

const compared = await api.load({
  measures: ["testing.bug_count"],
  timeDimensions: [{ dimension: "testing.end_at", compareDateRange: [[first, last], "last 400 days"] }],
});
found.compared = compared.decompose().map((each) => each.rawData());
found.comparedNames = compared.seriesNames({ x: [], y: ["compareDateRange", "measures"] }).map((each) => each.yValues[0]);

const blended = await api.load(["testing.bug_count", "testing.test_count"].map((measure) => ({ measures: [measure], timeDimensions: [byMonth] })));
found.blended = blended.chartPivot();

found.sql = (await api.sql({ measures: ["testing.bug_count"] })).sql();
found.dryRun = await api.dryRun({ measures: ["testing.bug_count"], timeDimensions: [byMonth] });
found.cubeSql = await api.cubeSql("SELECT severity, MEASURE(bug_count) FROM testing GROUP BY 1 ORDER BY 1");
found.streamed = [];
for await (const chunk of api.cubeSqlStream("SELECT MEASURE(bug_count) FROM testing")) found.streamed.push(chunk);

const meta = await api.meta();
found.member = meta.resolveMember("testing.bug_count", "measures");
found.time = meta.defaultTimeDimensionNameFor("testing.bug_count");
found.operators = meta.filterOperatorsForMember("testing.end_at", "dimensions").map((each) => each.name);
found.cubes = meta.membersGroupedByCube().measures.map((each) => each.cubeName);

found.error = await api.load({ measures: ["testing.bug_cont"] }).then(
  () => null,
  (error) => ({ message: error.message, status: error.status, code: error.response.issues[0].code }),
);
found.polled = await new Promise((resolve, reject) => {
  const subscription = api.subscribe({ measures: ["testing.bug_count"] }, {}, (error, result) => {
    subscription.unsubscribe();
    if (error) reject(error);
    else resolve(result.tablePivot());
  });
});
console.log(JSON.stringify(found));
process.exit(0);
