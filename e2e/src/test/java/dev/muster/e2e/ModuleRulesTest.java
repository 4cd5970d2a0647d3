package dev.muster.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What Maven cannot refuse: who may use whom inside the class path, and what workflow code must never touch. */
@AnalyzeClasses(packages = "dev.muster", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleRulesTest {

    @ArchTest
    static final ArchRule storageUsesNoneOfOurModules = only("storage", "dev.muster.storage..");

    @ArchTest
    static final ArchRule repositoryUsesOnlyStorage =
            only("repository", "dev.muster.repository..", "dev.muster.storage..");

    @ArchTest
    static final ArchRule postgresUsesOnlyRepositoryAndStorage =
            only("postgres", "dev.muster.postgres..", "dev.muster.repository..", "dev.muster.storage..");

    @ArchTest
    static final ArchRule sourcesUseOnlyRepositoryAndStorage =
            only("sources", "dev.muster.sources..", "dev.muster.repository..", "dev.muster.storage..");

    @ArchTest
    static final ArchRule driversUseNoneOfOurModules = only("drivers", "dev.muster.drivers..");

    @ArchTest
    static final ArchRule runbooksUseNoneOfOurModules = only("runbooks", "dev.muster.runbooks..");

    @ArchTest
    static final ArchRule catalogUsesNoneOfOurModules = only("catalog", "dev.muster.catalog..");

    @ArchTest
    static final ArchRule theCommandLineUsesOnlyRunbooksWorkflowsTheCatalogueAndTheEngine = only(
            "cli",
            "dev.muster.cli..",
            "dev.muster.runbooks..",
            "dev.muster.workflows..",
            "dev.muster.catalog..",
            "dev.muster.postgres..",
            "dev.muster.sources..",
            "dev.muster.repository..",
            "dev.muster.storage..");

    @ArchTest
    static final ArchRule theApiUsesOnlyRunbooksWorkflowsAndTheCatalogue =
            only("api", "dev.muster.api..", "dev.muster.runbooks..", "dev.muster.workflows..", "dev.muster.catalog..");

    @ArchTest
    static final ArchRule nothingButTheWholeUsesTheApisClasses = noClasses()
            .that()
            .resideOutsideOfPackages("dev.muster.api..", "dev.muster.embedded..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.muster.api..");

    @ArchTest
    static final ArchRule hostsAndSitesDoNotReachTheCatalogue = noClasses()
            .that()
            .resideInAPackage("dev.muster.activities..")
            .and()
            .resideOutsideOfPackage("dev.muster.activities.catalog..")
            // Tells its exception in the workflow's words.
            .and()
            .doNotHaveSimpleName("ActivityFailures")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.muster.catalog..");

    @ArchTest
    static final ArchRule sqlLibrariesOfTheCatalogueStayInIt = noClasses()
            .that()
            .resideOutsideOfPackage("dev.muster.catalog..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.jdbi..", "org.flywaydb..", "com.zaxxer..");

    @ArchTest
    static final ArchRule dnsMessagesAreKnownInOnePlace = noClasses()
            .that()
            .resideOutsideOfPackage("dev.muster.drivers.traffic.dns..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.xbill..");

    @ArchTest
    static final ArchRule workflowsUseOnlyRunbooks =
            only("workflows", "dev.muster.workflows..", "dev.muster.runbooks..");

    @ArchTest
    static final ArchRule activitiesDoNotUseWhatIsAboveThem = noClasses()
            .that()
            .resideInAPackage("dev.muster.activities..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.muster.worker..", "dev.muster.cli..", "dev.muster.embedded..");

    @ArchTest
    static final ArchRule temporalIsKnownOnlyAboveTheEngine = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.muster.storage..",
                    "dev.muster.repository..",
                    "dev.muster.postgres..",
                    "dev.muster.sources..",
                    "dev.muster.drivers..",
                    "dev.muster.runbooks..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.temporal..");

    @ArchTest
    static final ArchRule yamlIsParsedInOnePlace = noClasses()
            .that()
            .resideOutsideOfPackage("dev.muster.runbooks.yaml..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.snakeyaml..", "org.yaml..");

    @ArchTest
    static final ArchRule workflowImplementationsTouchNoClockNoThreadNoInputOrOutput = noClasses()
            .that()
            .haveSimpleNameEndingWith("Impl")
            .or()
            .haveSimpleName("RunSkeleton")
            .or()
            .haveSimpleName("CopyPhases")
            .or()
            .haveSimpleName("ScenarioRun")
            .or()
            .haveSimpleName("RunJournal")
            .or()
            .haveSimpleName("ScheduleJournal")
            .or()
            .haveSimpleName("KnownRun")
            .or()
            .haveSimpleName("StoreIndex")
            .or()
            .haveSimpleName("ChildRun")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.nio..", "java.net..", "java.sql..", "java.util.concurrent..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(java.util.UUID.class, "randomUUID")
            .orShould()
            .callMethod(Math.class, "random");

    @ArchTest
    static final ArchRule workflowImplementationsHoldNoMutableStatics =
            com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields()
                    .that()
                    .areDeclaredInClassesThat()
                    .resideInAPackage("dev.muster.workflows..")
                    .and()
                    .areStatic()
                    .should()
                    .beFinal();

    @ArchTest
    static final ArchRule nobodyCatchesAndPrints = noClasses().should().callMethod(Throwable.class, "printStackTrace");

    private static ArchRule only(String module, String... allowed) {
        return classes()
                .that()
                .resideInAPackage("dev.muster." + module + "..")
                .should(
                        new com.tngtech.archunit.lang.ArchCondition<JavaClass>(
                                "use only " + String.join(", ", allowed)) {
                            private final com.tngtech.archunit.base.DescribedPredicate<JavaClass> permitted =
                                    JavaClass.Predicates.resideInAnyPackage(allowed);

                            @Override
                            public void check(JavaClass user, com.tngtech.archunit.lang.ConditionEvents events) {
                                user.getDirectDependenciesFromSelf().stream()
                                        .filter(dependency -> dependency
                                                .getTargetClass()
                                                .getPackageName()
                                                .startsWith("dev.muster"))
                                        .filter(dependency -> !permitted.test(dependency.getTargetClass()))
                                        .forEach(dependency ->
                                                events.add(com.tngtech.archunit.lang.SimpleConditionEvent.violated(
                                                        dependency, dependency.getDescription())));
                            }
                        });
    }
}
