using A2A.Micro.Security;

namespace A2A.Micro.Security.Tests;

/// <summary>What the options say where nothing is set.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void Without_a_word_the_host_decides() => Assert.Null(new SecurityOptions().IsOpen);

    [Theory]
    [InlineData("open", true)]
    [InlineData("Open", true)]
    [InlineData("required", false)]
    public void A_word_decides(string mode, bool open) => Assert.Equal(open, new SecurityOptions { Mode = mode }.IsOpen);
}
