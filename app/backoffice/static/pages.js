// What pages need besides HTML: a question before what cannot be undone, lists, keys, charts, news, scrolling.
document.addEventListener("submit", (event) => {
  const asking = [event.submitter, event.target].find((one) => one?.dataset.confirm);
  if (!asking) return;
  const chosen = event.target.querySelectorAll("tbody input:checked").length;
  const question = asking.dataset.confirm.replace("{}", chosen);
  if (!window.confirm(question)) event.preventDefault();
});

// One box for all of a list; and what is folded for want of room stands open where there is some.
document.querySelectorAll("[data-choose]").forEach((label) => {
  const boxes = [...label.form.querySelectorAll("tbody input[type=checkbox]")];
  label.hidden = boxes.length === 0;
  label.control.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = label.control.checked; });
  });
});
if (window.matchMedia("(min-width: 45rem)").matches) {
  document.querySelectorAll("[data-open-wide]").forEach((one) => { one.open = true; });
}

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-search]");
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key === "/" && search && !isTyping) {
    event.preventDefault();
    search.focus();
  }
});

const inLakhs = (rupees) =>
  rupees >= 100000 ? `₹${rupees / 100000} L` : `₹${rupees.toLocaleString("en-IN")}`;

const draw = (canvas) => {
  const told = JSON.parse(canvas.dataset.chart);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const ticks = { color: colour("--faint"), maxTicksLimit: 8 };
  new Chart(canvas, {
    type: "bar",
    data: {
      labels: told.labels,
      datasets: [{ data: told.rupees, backgroundColor: colour("--brand") }],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: { legend: { display: false } },
      scales: {
        x: { ticks, grid: { display: false } },
        y: { ticks: { ...ticks, callback: inLakhs }, grid: { color: colour("--rule") } },
      },
    },
  });
};
const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
drawAll();

// What scrolls sideways, as tables do on a phone, is reached by the keyboard as well.
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const watchScrollers = () =>
  document.querySelectorAll("section.card").forEach((one) => scrollers.observe(one));
watchScrollers();

// A page that says so is fetched again by itself, until it does not say so any more, and unless somebody reads something unfolded on it.
const again = document.querySelector("[data-again]");
if (again) {
  window.setInterval(async () => {
    const isOver = !document.querySelector("[data-again]");
    if (isOver || document.hidden || document.querySelector("details[open]")) return;
    const answer = await fetch(window.location.href);
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const content = document.getElementById("content");
    content.replaceChildren(...page.getElementById("content").childNodes);
    drawAll();
    watchScrollers();
  }, Number(again.dataset.again) * 1000);
}
