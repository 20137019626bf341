namespace A2A.Micro.Architecture.Tests;

/// <summary>Shows every offence at once: whoever repairs wants the whole list.</summary>
internal static class Offences
{
    public static void None(IEnumerable<string> offences)
    {
        var found = offences.Order(StringComparer.Ordinal).ToArray();
        Assert.True(found.Length == 0, string.Join(Environment.NewLine, found));
    }
}
