namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// The configuration is wrong in a way that only its owner can correct. <see cref="MicroHost"/> prints the sentence, without a stack
/// trace, and leaves with <see cref="MicroHost.ConfigurationError"/>.
/// </summary>
/// <param name="sentence">One sentence for the operator; names the environment variable.</param>
public sealed class StartupRefusedException(string sentence) : Exception(sentence);
