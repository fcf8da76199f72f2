// What the server, this generator and the rest of the machine use, from /proc.
import fs from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { now, options, round } from "./options.mjs";

const TICKS_PER_SECOND = 100;
const BUSY_GENERATOR = 0.85; // of its core: above it the figures bound the generator, not the server
const pids = options.pid.split(",").filter(Boolean);

function cpuSeconds(pid) {
  const line = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function memoryMib(pid) {
  const found = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
  return found ? Number(found[1]) / 1024 : 0;
}

/** Over the server's processes; one that has just died counts nothing. */
function ofServer(measure) {
  let sum = 0;
  for (const pid of pids) {
    try {
      sum += measure(pid);
    } catch (error) {
      if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
    }
  }
  return sum;
}

export const serverMemory = () => ofServer(memoryMib);

function machineBusySeconds() {
  const fields = fs.readFileSync("/proc/stat", "utf8").split("\n")[0].split(/\s+/).slice(1).map(Number);
  const [user, nice, system, , , irq, softirq, steal] = fields;
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

export class Meter {
  constructor() {
    this.peak = 0;
    this.look();
    this.timer = setInterval(() => this.look(), 250);
  }

  look() {
    this.peak = Math.max(this.peak, serverMemory());
  }

  begin() {
    this.began = {
      at: now(),
      server: ofServer(cpuSeconds),
      own: process.cpuUsage(),
      machine: machineBusySeconds(),
    };
    this.delay = monitorEventLoopDelay({ resolution: 5 });
    this.delay.enable();
  }

  stop() {
    clearInterval(this.timer);
  }

  end() {
    this.stop();
    this.look();
    const seconds = (now() - this.began.at) / 1000;
    const used = process.cpuUsage(this.began.own);
    const own = (used.user + used.system) / 1e6;
    const server = ofServer(cpuSeconds) - this.began.server;
    const machine = machineBusySeconds() - this.began.machine;
    const percent = (cpu) => round((cpu / seconds) * 100, 1);
    return {
      window_s: round(seconds),
      server_cpu_s: round(server, 3),
      server_cpu_pct: percent(server),
      server_peak_rss_mib: round(this.peak, 1),
      generator_cpu_pct: percent(own),
      generator_too_busy: own / seconds > BUSY_GENERATOR,
      generator_loop_delay_p99_ms: round(this.delay.percentile(99) / 1e6, 1),
      other_cpu_pct: percent(machine - server - own),
    };
  }
}
