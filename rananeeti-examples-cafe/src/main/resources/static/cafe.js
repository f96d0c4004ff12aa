"use strict";

/** An order's page follows its order until nothing more can happen. */
function followOrder(log) {
  if (log.dataset.final === "true") return;
  const events = new EventSource(log.dataset.events);
  events.addEventListener("log", event => { log.innerHTML = event.data; });
  events.addEventListener("end", () => events.close());
}

/** The outage page follows the numbers. */
function followOutage(page) {
  const chart = new Chart(document.getElementById("chart"));
  const events = new EventSource(page.dataset.events);
  events.addEventListener("numbers", event => showNumbers(JSON.parse(event.data)));
  events.addEventListener("samples", event => chart.add(JSON.parse(event.data)));
  events.addEventListener("notices", event => {
    document.getElementById("notices").innerHTML = event.data;
  });
}

function showNumbers(numbers) {
  for (const element of document.querySelectorAll("[data-live]")) {
    const text = numbers[element.dataset.live];
    if (text !== undefined && element.textContent !== text) element.textContent = text;
  }
  document.documentElement.dataset.state = numbers.state;
  showSwitch(numbers.database);
}

/** Only what makes sense can be pressed; without this script both can. */
function showSwitch(position) {
  const kill = document.getElementById("kill");
  const start = document.getElementById("start");
  if (!kill || !start) return;
  kill.disabled = position !== "RUNNING";
  start.disabled = position !== "DEAD";
}

/** Pressing a button does not leave the page. */
function stayOnPage(form) {
  form.addEventListener("submit", event => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    body.set(button.name, button.value);
    button.disabled = true;
    fetch(form.getAttribute("action"), { method: "POST", body }).catch(() => { button.disabled = false; });
  });
}

/** Two lines that part while the database is away, and meet again when it is back. */
class Chart {
  static SPAN = 300_000;
  static BOX = { left: 44, right: 790, top: 12, bottom: 212 };

  constructor(svg) {
    this.svg = svg;
    this.samples = [];
  }

  add(samples) {
    const last = this.samples.length ? this.samples[this.samples.length - 1][0] : 0;
    this.samples.push(...samples.filter(sample => sample[0] > last));
    const end = this.samples[this.samples.length - 1][0];
    this.samples = this.samples.filter(sample => sample[0] >= end - Chart.SPAN);
    this.draw(end);
  }

  draw(end) {
    const box = Chart.BOX;
    const begin = Math.min(this.samples[0][0], end - 60_000);
    const low = Math.min(...this.samples.map(sample => sample[2]));
    const step = niceStep(Math.max(4, Math.max(...this.samples.map(sample => sample[1])) - low));
    const floor = Math.floor(low / step) * step;
    const ceiling = floor + step * Math.max(1, Math.ceil((this.samples.reduce((most, s) => Math.max(most, s[1]), 0) - floor) / step));
    const x = time => box.left + (box.right - box.left) * (time - begin) / (end - begin);
    const y = value => box.bottom - (box.bottom - box.top) * (value - floor) / (ceiling - floor);
    const line = column => this.samples.map(s => x(s[0]).toFixed(1) + " " + y(s[column]).toFixed(1));
    const taken = line(1);
    const stored = line(2);
    const parts = [];
    for (let value = floor; value <= ceiling; value += step) {
      parts.push(shape("line", { class: "grid", x1: box.left, x2: box.right, y1: y(value), y2: y(value) }));
      parts.push(label(box.left - 8, y(value) + 4, "end", value));
    }
    parts.push(label(box.left, 234, "start", ago(end - begin)), label(box.right, 234, "end", "now"));
    parts.push(shape("path", { class: "gap", d: "M" + taken.join("L") + "L" + stored.reverse().join("L") + "Z" }));
    parts.push(shape("path", { class: "taken", d: "M" + taken.join("L") }));
    parts.push(shape("path", { class: "stored", d: "M" + stored.reverse().join("L") }));
    this.svg.replaceChildren(...parts);
  }
}

function niceStep(range) {
  const rough = range / 4;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const factor = [1, 2, 5, 10].find(candidate => candidate * power >= rough);
  return Math.max(1, factor * power);
}

function ago(span) {
  const seconds = Math.round(span / 1000);
  return seconds < 120 ? seconds + " s ago" : Math.round(seconds / 60) + " min ago";
}

function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function label(x, y, anchor, text) {
  const element = shape("text", { x, y, "text-anchor": anchor });
  element.textContent = text;
  return element;
}

const log = document.querySelector("#log[data-events]");
if (log) followOrder(log);
const outage = document.querySelector(".outage[data-events]");
if (outage) {
  followOutage(outage);
  const power = outage.querySelector(".switch");
  if (power) {
    stayOnPage(power);
    showSwitch(power.dataset.position);
  }
}
