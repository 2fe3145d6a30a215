#!/bin/sh
# Ends the stack's processes when the supervisor is gone without having done so (SIGKILL, a crash).
# Reads lines "postgres PID", "process PID", "gone PID" and "done"; the end of its input without a
# "done" means that nobody is left to stop them. $1 is the lock file, emptied last.
trap '' HUP INT TERM QUIT

# A dead process that nobody has reaped yet still takes signals.
alive() {
  kill -0 "$1" 2>/dev/null && ! grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"
}

postgres='' processes=''
while read -r verb pid; do
  case $verb in
    postgres) postgres="$postgres $pid" ;;
    process) processes="$processes $pid" ;;
    gone)
      kept=''
      for other in $postgres; do [ "$other" = "$pid" ] || kept="$kept $other"; done
      postgres=$kept kept=''
      for other in $processes; do [ "$other" = "$pid" ] || kept="$kept $other"; done
      processes=$kept
      ;;
    done) exit 0 ;;
  esac
done

# PostgreSQL is asked first: killed outright it would leave its own children to notice.
for pid in $postgres; do kill -QUIT "$pid" 2>/dev/null; kill -CONT "$pid" 2>/dev/null; done
for pid in $processes; do kill -KILL "$pid" 2>/dev/null; done
for pid in $postgres; do
  tries=0
  while alive "$pid" && [ $tries -lt 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -KILL "$pid" 2>/dev/null
done
: >"$1"
