// Judges simulations with @cloud-copilot/iam-simulate: a JSON array on stdin, its verdicts on stdout. A process of its own.
const { runSimulation } = require('@cloud-copilot/iam-simulate')

async function main() {
  const asked = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
  const verdicts = []
  for (const simulation of asked) {
    const found = await runSimulation(simulation, {})
    verdicts.push(
      found.resultType === 'error'
        ? { error: JSON.stringify(found.errors) }
        : { result: found.overallResult, ignored: (found.result ?? found.results[0]).ignoredContextKeys ?? [] }
    )
  }
  process.stdout.write(JSON.stringify(verdicts))
}

main()
