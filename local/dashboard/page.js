// Draws the charts and makes the filters work. All text and tables are in the page already: this only chooses among
// them, draws, and adds up what is exact to add up (money is whole numbers of the smallest digit, never a float).
(() => {
  "use strict";

  const figures = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("filters");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // ---- values -------------------------------------------------------------------------------------------------

  const column = (name, of) => figures[of].columns.find((each) => each.name === name);
  const records = (of) =>
    figures[of].rows.map((row) => Object.fromEntries(figures[of].columns.map((each, place) => [each.name, row[place]])));

  /** Exact decimal text as a whole number of units of the `places`th digit; half up, as Athena rounds. */
  function exact(text, places) {
    const [whole, part = ""] = String(text).replace("-", "").split(".");
    const digits = part.padEnd(places + 1, "0");
    let units = BigInt(whole + digits.slice(0, places));
    if (digits[places] >= "5") units += 1n;
    return String(text).startsWith("-") ? -units : units;
  }

  /** What a whole number of units says in a header's format, e.g. `#,##0.00`. */
  function written(units, format) {
    const places = decimals(format);
    const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places);
    const grouped = format.includes(",") ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
    return (units < 0n ? "-" : "") + grouped + (places ? "." + digits.slice(-places) : "");
  }

  const decimals = (format) => (format.split(".")[1] || "").length;

  function said(value, described) {
    if (value === null || value === undefined) return "-";
    return described.format ? written(exact(value, decimals(described.format)), described.format) : String(value);
  }

  const sum = (values, format) => values.reduce((total, value) => total + exact(value, decimals(format)), 0n);
  const compact = (digits) => new Intl.NumberFormat("en", { notation: "compact", ...digits }).format;
  const [short, label] = [compact({ maximumSignificantDigits: 4 }), compact({ minimumSignificantDigits: 4, maximumSignificantDigits: 4 })];
  const whole = (most) => d3.ticks(0, Math.max(1, most), 4).filter(Number.isInteger);
  const regionNames = () => records("names").map((row) => row.region);
  const regionTone = (names, region) => `var(--region-${(names.indexOf(region) % 6) + 1})`;
  const headed = (described) => described.title + (described.unit ? ", " + described.unit : "");

  // ---- days ---------------------------------------------------------------------------------------------------

  const DAY = 86400000;
  const instant = (day) => Date.parse(day + "T00:00:00Z");
  const isoDay = (time) => new Date(time).toISOString().slice(0, 10);

  /** The first day of the step that a day is in, and of the step after it. */
  function stepOf(day, step) {
    const time = instant(day);
    const date = new Date(time);
    if (step === "month") {
      // Not Date.UTC, which takes the years before 100 for those of the last century.
      return [date.setUTCDate(1), date.setUTCMonth(date.getUTCMonth() + 1)];
    }
    const first = step === "week" ? time - ((date.getUTCDay() + 6) % 7) * DAY : time;
    return [first, first + (step === "week" ? 7 : 1) * DAY];
  }

  const DATED = { sales: "order", months: "order_month", subscriptions: "subscription_day", activity: "activity_day" };
  const dayColumn = (of) => figures[of].columns.find((each) => each.name.startsWith(DATED[of])).name;
  const days = Object.keys(DATED).filter((of) => figures[of]).flatMap((of) => records(of).map((row) => row[dayColumn(of)]));
  const [firstDay, lastDay] = [days.reduce((a, b) => (a < b ? a : b), days[0]), days.reduce((a, b) => (a > b ? a : b), days[0])];

  // ---- what is chosen -----------------------------------------------------------------------------------------

  function chosen() {
    const field = (name) => (form && form.elements[name] ? form.elements[name].value : "");
    return {
      scope: field("scope"),
      branch: field("branch"),
      from: field("from") || firstDay || "",
      to: field("to") || lastDay || "",
      step: field("step") || "month",
    };
  }

  const within = (day, filter) => day >= filter.from && day <= filter.to;

  // ---- charts -------------------------------------------------------------------------------------------------

  const TONE = "var(--tone)";

  function paragraph(kind, text) {
    const made = document.createElement("p");
    made.className = kind;
    made.textContent = text;
    return made;
  }

  /** Put a chart into its card: its words for a screen reader, and no style of its own (the page has it). */
  function put(figure, chart, words, beyond = "") {
    const area = figure.querySelector(".plot-area");
    if (typeof chart === "string") return area.replaceChildren(paragraph("nothing", chart));
    all("style", chart).forEach((style) => style.remove());
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", words);
    all("[aria-label]", chart).forEach((part) => part.removeAttribute("aria-label"));
    area.replaceChildren(chart, ...(beyond ? [paragraph("beyond", beyond)] : []));
  }

  const size = (figure) => figure.querySelector(".plot-area").clientWidth || 600;
  const plot = (options) => Plot.plot({ className: "plot", ...options });
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`; // as style.css has it for charts
  const wide = (text) => pen.measureText(text).width;

  /** A name that takes no more than so many pixels; a sign of more than one unit, such as an emoji, stays whole. */
  function cut(text, pixels) {
    if (wide(text) <= pixels) return text;
    const signs = [...text];
    while (signs.length && wide(signs.join("") + "…") > pixels) signs.pop();
    return signs.join("") + "…";
  }

  const draw = {
    bars(figure, filter) {
      const of = figure.dataset.figures;
      const measure = column(figure.dataset.measure, of);
      const branch = column("branch_name", of);
      const regions = of === "regions" ? regionNames() : [];
      const rows = records(of)
        .filter((row) => row.scope === filter.scope && row[measure.name] !== null)
        .map((row) => ({ ...row, value: Number(row[measure.name]), text: said(row[measure.name], measure), name: said(row.branch_name, branch) }))
        .map((row) => ({ ...row, place: regions.length ? row.region + "\u0000" + row.name : row.name }))
        .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1));
      if (!rows.length) return put(figure, "Nothing in this scope.");
      const most = 20;
      const kept = rows.slice(0, most).concat(rows.slice(most).filter((row) => row.name === filter.branch));
      const names = kept.map((row) => cut(row.name, Math.min(160, size(figure) * 0.4)));
      const tall = figure.classList.contains("revenue") && !regions.length ? 52 : 30;
      const chart = plot({
        width: size(figure),
        height: kept.length * tall + 34,
        marginLeft: Math.max(30, ...names.map((text) => wide(text) + 12)),
        marginRight: 64,
        marginTop: 4,
        marginBottom: 30,
        x: { grid: true, label: null, ticks: size(figure) < 380 ? 2 : 4, tickFormat: short, nice: true, zero: true },
        y: { domain: kept.map((row) => row.place), label: null, tickSize: 0, tickFormat: (_, place) => names[place], padding: 0.28 },
        marks: [
          Plot.barX(kept, {
            x: "value",
            y: "place",
            fill: (row) => (regions.length ? regionTone(regions, row.region) : TONE),
            fillOpacity: (row) => (filter.branch && row.name !== filter.branch ? 0.3 : 1),
            rx: 2,
            title: (row) => `${row.region ? row.region + ", " : ""}${row.name}\n${row.text}`,
            tip: true,
          }),
          // Behind the bar's end; of one that goes to the left, on the other side of nought, where no bar is.
          Plot.text(kept, { x: (row) => Math.max(row.value, 0), y: "place", text: (row) => (Math.abs(row.value) < 100000 ? row.text : label(row.value)), textAnchor: "start", dx: 6, fill: "currentColor" }),
        ],
      });
      const left = rows.length - kept.length;
      const beyond = left ? `${left} more ${left === 1 ? "is" : "are"} in the table.` : "";
      put(figure, chart, `Bar chart, ${headed(measure)}: ${kept.map((row) => `${row.name} ${row.text}`).join("; ")}.`, beyond);
    },

    sales(figure, filter) {
      const [revenue, transactions] = [column("revenue", "sales"), column("transactions", "sales")];
      const day = dayColumn("sales");
      const rows = records("sales").filter((row) => within(row[day], filter) && (!filter.branch || row.branch_name === filter.branch));
      const steps = new Map();
      for (const row of rows) {
        const [start, end] = stepOf(row[day], day === "order_month" ? "month" : filter.step);
        if (!steps.has(start)) steps.set(start, { start, end, revenue: 0n, transactions: 0n });
        const step = steps.get(start);
        step.revenue += exact(row.revenue, decimals(revenue.format));
        step.transactions += exact(row.transactions, decimals(transactions.format));
      }
      const summed = [...steps.values()].sort((a, b) => a.start - b.start);
      const texts = (step) => [isoDay(step.start), written(step.revenue, revenue.format), written(step.transactions, transactions.format)];
      fill("sales-table", summed.map(texts));
      const totals = document.getElementById("sales-totals");
      totals.hidden = false;
      for (const [name, described] of [["revenue", revenue], ["transactions", transactions]]) {
        totals.querySelector(`[data-measure="${name}"]`).textContent = written(sum(rows.map((row) => row[name]), described.format), described.format);
      }
      if (!summed.length) return put(figure, `Nothing in these dates. There are sales from ${extent("sales")}.`);
      const scale = 10 ** decimals(revenue.format);
      const chart = plot({
        width: size(figure),
        height: 280,
        marginLeft: 52,
        marginRight: 12,
        x: { type: "utc", label: null },
        y: { grid: true, label: null, ticks: 5, tickFormat: short, zero: true, nice: true },
        marks: [
          Plot.rectY(summed, {
            x1: (step) => new Date(step.start),
            x2: (step) => new Date(step.end),
            y: (step) => Number(step.revenue) / scale,
            fill: TONE,
            inset: summed.length > 200 ? 0 : 0.5,
            title: (step) => `${texts(step)[0]}\n${revenue.title} ${texts(step)[1]}\n${transactions.title} ${texts(step)[2]}`,
            tip: true,
          }),
          Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
        ],
      });
      const best = summed.reduce((a, b) => (b.revenue > a.revenue ? b : a));
      put(figure, chart, `Bar chart of ${headed(revenue)}, by ${filter.step}, ${filter.from} to ${filter.to}. The most is ${texts(best)[1]}, from ${texts(best)[0]}.`);
    },

    months(figure, filter) {
      const revenue = column("revenue", "months");
      const regions = regionNames();
      const rows = records("months").filter((row) => within(row.order_month, filter));
      if (!rows.length) return put(figure, `Nothing in these dates. There are months from ${extent("months")}.`);
      const tone = (row) => regionTone(regions, row.region);
      const months = [...new Set(rows.map((row) => row.order_month))].sort();
      const given = new Map(rows.map((row) => [row.region + row.order_month, row]));
      // A month that is held back breaks the line: one through it would make a number up.
      const line = regions.flatMap((region) => months.map((month) => given.get(region + month) || { region, order_month: month, revenue: NaN }));
      const [x, y] = [(row) => new Date(instant(row.order_month)), (row) => Number(row.revenue)];
      const chart = plot({
        width: size(figure),
        height: 300,
        marginLeft: 52,
        marginRight: 12,
        x: { type: "utc", label: null },
        y: { grid: true, label: null, ticks: 5, tickFormat: short, zero: true, nice: true },
        marks: [
          Plot.lineY(line, { x, y, z: "region", stroke: tone, strokeWidth: 2 }),
          Plot.dot(rows, { x, y, fill: tone, r: 3.5, symbol: "region", title: (row) => `${row.region}, ${row.order_month.slice(0, 7)}\n${said(row.revenue, revenue)}`, tip: true }),
          Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
        ],
      });
      put(figure, chart, `Line chart of ${headed(revenue)} by month, a line a region: ${regions.join(", ")}.`);
    },

    lifespans(figure) {
      const rows = records("lifespans").filter((row) => row.from_days !== null);
      if (!rows.length) return put(figure, "No store's lifespan is known.");
      const parts = rows.flatMap((row) => [
        { ...row, count: row.active_stores, part: "open" },
        { ...row, count: row.ended_stores, part: "ended" },
      ]);
      const chart = plot({
        width: size(figure),
        height: 260,
        marginLeft: 40,
        marginRight: 12,
        marginBottom: 40,
        x: { label: "days", labelAnchor: "right", labelArrow: "none", domain: [Math.min(0, rows[0].from_days), rows[rows.length - 1].from_days + 30] },
        y: { grid: true, label: null, ticks: whole(Math.max(...rows.map((row) => row.active_stores + row.ended_stores))), tickFormat: short },
        color: { domain: ["open", "ended"], range: ["var(--stores)", "var(--faint)"] },
        marks: [
          Plot.rectY(parts, Plot.stackY({ x1: "from_days", x2: (row) => row.from_days + 30, y: "count", fill: "part", inset: 0.5, title: (row) => `${row.from_days} to ${row.from_days + 29} days\n${row.active_stores} open, ${row.ended_stores} ended`, tip: true })),
          Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
        ],
      });
      put(figure, chart, `Histogram of the lifespans of ${rows.reduce((total, row) => total + row.active_stores + row.ended_stores, 0)} stores, from ${rows[0].from_days} to ${rows[rows.length - 1].from_days + 29} days.`);
    },

    subscriptions(figure, filter) {
      const [every, first] = [column("subscription_revenue", "subscriptions"), column("first_subscription_revenue", "subscriptions")];
      const rows = records("subscriptions").filter((row) => within(row.subscription_day, filter));
      if (!rows.length) return put(figure, `Nothing in these dates. There are subscriptions from ${extent("subscriptions")}.`);
      const bar = (name, colour, more) =>
        Plot.rectY(rows, { x1: (row) => new Date(instant(row.subscription_day)), x2: (row) => new Date(instant(row.subscription_day) + DAY), y: (row) => Number(row[name]), fill: colour, stroke: colour, strokeWidth: 1, ...more });
      const chart = plot({
        width: size(figure),
        height: 260,
        marginLeft: 48,
        marginRight: 12,
        marginBottom: 40,
        x: { type: "utc", label: null },
        y: { grid: true, label: null, ticks: 5, tickFormat: short, zero: true },
        marks: [
          bar("subscription_revenue", "var(--faint)", {}),
          bar("first_subscription_revenue", "var(--stores)", {}),
          Plot.tip(rows, Plot.pointerX({ x: (row) => new Date(instant(row.subscription_day) + DAY / 2), y: (row) => Number(row.subscription_revenue), title: (row) => `${row.subscription_day}\n${every.title} ${said(row.subscription_revenue, every)}\n${first.title} ${said(row.first_subscription_revenue, first)}` })),
          Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
        ],
      });
      const total = (name, described) => written(sum(rows.map((row) => row[name]), described.format), described.format);
      put(figure, chart, `Bar chart by day. In these dates, ${headed(every)}: ${total("subscription_revenue", every)}; ${headed(first)}: ${total("first_subscription_revenue", first)}.`);
    },

    activity(figure, filter) {
      const names = ["active_stores", "new_stores", "uninstalled_stores"];
      const titles = Object.fromEntries(names.map((name) => [name, column(name, "activity").title]));
      const rows = records("activity").filter((row) => within(row.activity_day, filter));
      if (!rows.length) return put(figure, `Nothing in these dates. There are installs from ${extent("activity")}.`);
      const parts = names.flatMap((name) => rows.map((row) => ({ ...row, count: row[name], kind: titles[name] })));
      const tones = { [titles.active_stores]: "var(--stores)", [titles.new_stores]: "var(--customers)", [titles.uninstalled_stores]: "var(--products)" };
      const chart = plot({
        width: size(figure),
        height: 330,
        marginLeft: 40,
        marginRight: 12,
        marginTop: 22,
        x: { type: "utc", label: null },
        y: { grid: true, label: null, ticks: whole(Math.max(...parts.map((row) => row.count))), tickFormat: short, zero: true },
        fy: { domain: names.map((name) => titles[name]), label: null, axis: null, padding: 0.22 },
        marks: [
          Plot.rectY(parts, { fy: "kind", x1: (row) => new Date(instant(row.activity_day)), x2: (row) => new Date(instant(row.activity_day) + DAY), y: "count", fill: (row) => tones[row.kind], stroke: (row) => tones[row.kind], strokeWidth: 1, title: (row) => `${row.activity_day}\n${names.map((name) => `${titles[name]} ${row[name]}`).join("\n")}`, tip: true }),
          Plot.text(names, { fy: (name) => titles[name], text: (name) => titles[name], frameAnchor: "top-left", dy: -16, fontWeight: 600, fill: "currentColor" }),
          Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
        ],
      });
      put(figure, chart, `Three bar charts by day, ${rows.length} days: ${names.map((name) => `${titles[name]}, at most ${Math.max(...rows.map((row) => row[name]))} a day`).join("; ")}.`);
    },
  };

  // What each kind of chart follows: it is drawn again only if that changes, or its width.
  const FOLLOWS = {
    bars: ["scope", "branch"],
    sales: ["branch", "from", "to", "step"],
    months: ["from", "to"],
    lifespans: [],
    subscriptions: ["from", "to"],
    activity: ["from", "to"],
  };
  const drawn = new WeakMap();

  const extent = (of) => {
    const found = records(of).map((row) => row[dayColumn(of)]);
    return `${found.reduce((a, b) => (a < b ? a : b))} to ${found.reduce((a, b) => (a > b ? a : b))}`;
  };

  // ---- the page -----------------------------------------------------------------------------------------------

  /** Replace a table's rows by texts; the first of each is the row's head, the others are numbers. */
  function fill(id, rows) {
    const made = rows.map((texts) => {
      const row = document.createElement("tr");
      texts.forEach((text, place) => {
        const cell = document.createElement(place ? "td" : "th");
        if (!place) cell.scope = "row";
        cell.textContent = text;
        row.append(cell);
      });
      return row;
    });
    document.querySelector(`#${id} tbody`).replaceChildren(...made);
  }

  /** The four totals: of the whole scope, or of the one branch. */
  function showTotals(filter) {
    const totals = document.querySelector("[data-totals]:not([hidden])");
    if (!totals) return;
    const of = filter.branch ? "branches" : "totals";
    const row = records(of).find((each) => each.scope === filter.scope && (!filter.branch || each.branch_name === filter.branch));
    all("dd", totals).forEach((place) => {
      place.textContent = row ? said(row[place.dataset.measure], column(place.dataset.measure, of)) : "-";
      place.classList.toggle("long", place.textContent.length > 14); // as in region.html
    });
  }

  function show() {
    const filter = chosen();
    if (filter.scope) all("[data-scope]").forEach((part) => (part.hidden = part.dataset.scope !== filter.scope));
    if (days.length) all("[data-day]").forEach((row) => (row.hidden = row.hidden || !within(row.dataset.day, filter)));
    showTotals(filter);
    for (const figure of all("[data-chart]")) {
      const kind = figure.dataset.chart;
      const state = [size(figure), ...FOLLOWS[kind].map((name) => filter[name])].join("\n");
      if (drawn.get(figure) !== state) draw[kind](figure, filter);
      drawn.set(figure, state);
    }
    const status = document.getElementById("filtered");
    const scope = form.querySelector("[name=scope]:checked + span");
    const said = `${filter.branch || "All branches"}${scope ? `, scope ${scope.textContent.toLowerCase()}` : ""}${filter.from ? `, ${filter.from} to ${filter.to}` : ""}`;
    if (status && status.textContent !== said) status.textContent = said;
  }

  function start() {
    // The names themselves: of what is read as HTML, a browser makes a carriage return a line's end.
    all("option", form.elements.branch).slice(1).forEach((option, place) => (option.value = figures.choices[place]));
    for (const name of ["from", "to"]) {
      form.elements[name].min = firstDay || "";
      form.elements[name].max = lastDay || "";
    }
    form.elements.from.defaultValue = firstDay || "";
    form.elements.to.defaultValue = lastDay || "";
    if (form.elements.step) form.elements.step.querySelector("[value=month]").defaultSelected = true;
    form.hidden = !days.length && !form.elements.scope;
    form.reset();
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", refresh);
    form.addEventListener("reset", () => setTimeout(refresh));
    let width = document.documentElement.clientWidth;
    new ResizeObserver(() => {
      if (width === document.documentElement.clientWidth) return;
      width = document.documentElement.clientWidth;
      refresh();
    }).observe(document.documentElement);
    window.addEventListener("beforeprint", () => all("details.table").forEach((each) => (each.open = all("tr:not([hidden])", each).length < 40)));
    refresh();
  }

  function refresh() {
    all("[data-day]").forEach((row) => (row.hidden = false));
    show();
  }

  start();
})();
