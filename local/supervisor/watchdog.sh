#!/bin/sh
# Ends the stack's processes if the supervisor has gone without doing so (SIGKILL, a crash).
# Reads lines "postgres PID", "process PID", "gone PID" and "done". If the input ends without "done",
# nobody else is left to stop the processes. $1 is the lock file, which is emptied last.
trap '' HUP INT TERM QUIT

# A dead process that is not yet reaped still takes signals.
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

# Ask PostgreSQL first: if it is killed outright, its children end only once they notice.
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
