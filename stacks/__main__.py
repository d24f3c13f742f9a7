from modelberth.stack.compose import run

run()
