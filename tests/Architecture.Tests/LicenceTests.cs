using A2A.Micro.Testing;

namespace A2A.Micro.Architecture.Tests;

/// <summary>Everything that we are made of is under a licence that lets others use it freely.</summary>
public sealed class LicenceTests
{
    [Theory]
    [InlineData("""<package><metadata><license type="expression">LicenseRef-Commercial</license></metadata></package>""", "LicenseRef-Commercial")]
    [InlineData("""<package><metadata><license type="file">LICENSE.txt</license></metadata></package>""", "LICENSE.txt")]
    [InlineData("""<package><metadata><licenseUrl>https://example.org/buy</licenseUrl></metadata></package>""", "https://example.org/buy")]
    [InlineData("""<package><metadata /></package>""", "none")]
    public void Another_licence_is_reported(string manifest, string licence) =>
        Assert.Equal([$"Offender/9.0.0 is under {licence}"], LicenceRules.IsAllowed("Offender/9.0.0", manifest));

    [Fact]
    public void Every_package_is_under_a_licence_of_the_list()
    {
        var packages = LicenceRules.Packages(Path.Combine(Repository.Root, "artifacts", "obj")).ToList();
        Assert.Contains(packages, package => package.Package == "MassTransit/8.5.12");
        Offences.None(packages.SelectMany(package => LicenceRules.IsAllowed(package.Package, package.Manifest)));
    }
}
