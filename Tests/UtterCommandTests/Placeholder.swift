// UtterCommand
