import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { DeliverySecond } from "../snapshot.ts";
import { Panel } from "./panel.tsx";
import { duration, timeOf } from "./words.tsx";

const shownSeconds = 60;
const height = 150;

/** Deliveries a second as bars, and the lag as a line, over the last minute. */
export function Plot({ seconds }: { readonly seconds: readonly DeliverySecond[] | undefined }) {
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef<readonly DeliverySecond[]>([]);
  latest.current = seconds ?? [];
  useEffect(() => frame.current ? draw(frame.current, () => latest.current) : undefined, []);
  const count = latest.current.reduce((sum, { taken, refused }) => sum + taken + refused, 0);
  const lag = Math.max(0, ...latest.current.map((second) => second.lag ?? 0));
  const summary = count === 0
    ? "none in the last minute"
    : `${count} in the last minute, longest lag ${duration(lag)}`;
  return (
    <Panel
      id="plot"
      title="Deliveries and lag"
      note={summary}
      actions={
        <span class="legend" aria-hidden="true">
          <i class="taken" />taken a second <i class="refused" />refused <i class="lag" />lag
        </span>
      }
    >
      <div ref={frame} class="frame" role="img" aria-label={`Deliveries over time: ${summary}`} />
    </Panel>
  );
}

/** Draws until the returned function is called. */
function draw(frame: HTMLElement, read: () => readonly DeliverySecond[]): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let plot: uPlot | undefined;

  function make() {
    plot?.destroy();
    plot = new uPlot(optionsFor(frame), dataOf(read()), frame);
  }
  const resized = new ResizeObserver(() => plot?.setSize({ width: frame.clientWidth, height }));
  const timer = setInterval(() => plot?.setData(dataOf(read())), 500);
  make();
  resized.observe(frame);
  dark.addEventListener("change", make);
  return () => {
    clearInterval(timer);
    resized.disconnect();
    dark.removeEventListener("change", make);
    plot?.destroy();
  };
}

function dataOf(seconds: readonly DeliverySecond[]): uPlot.AlignedData {
  const now = Math.floor(Date.now() / 1000);
  const known = new Map(seconds.map((one) => [one.second, one]));
  const times = Array.from({ length: shownSeconds + 1 }, (_, index) => now - shownSeconds + index);
  const at = times.map((time) => known.get(time));
  return [
    times,
    // Behind the bar of those taken, so that the two look stacked.
    at.map((one) => one ? one.taken + one.refused : null),
    at.map((one) => one?.taken ?? null),
    at.map((one) => one?.lag ?? null),
  ];
}

function optionsFor(frame: HTMLElement): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: color("muted"),
    grid: { stroke: color("line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const bars = uPlot.paths.bars?.({ size: [0.8, 16] });
  const bar = (name: string) => ({
    scale: "count",
    fill: color(name),
    width: 0,
    points: { show: false },
    ...(bars ? { paths: bars } : {}),
  });
  return {
    width: frame.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true },
      count: { range: (_plot, _low, high) => [0, Math.max(5, high * 1.1)] },
      lag: { range: (_plot, _low, high) => [0, Math.max(100, high * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 80,
        values: (_plot, times) => times.map((time) => timeOf(time * 1000)),
      },
      { ...axis, scale: "count", size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
      {
        ...axis,
        scale: "lag",
        side: 1,
        size: 60,
        grid: { show: false },
        values: (_plot, values) => values.map(duration),
      },
    ],
    series: [
      {},
      bar("bad-fill"),
      bar("good-fill"),
      {
        scale: "lag",
        stroke: color("accent"),
        width: 2,
        points: { show: true, size: 5, fill: color("accent") },
      },
    ],
  };
}
