import Kernel

let invocation = Invocation(
    arguments: Array(CommandLine.arguments.dropFirst()), environment: Environment.all())
Machine.exit(invocation.run().rawValue)
